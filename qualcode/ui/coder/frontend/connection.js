// While the server is away Streamlit lays a window over the page that says so and takes the keys. A
// coder goes on working, since what they do is kept: the window is closed as it comes, and a line
// above the text says the same.

const AWAY =
  "The server does not answer. Go on: what you code is kept in this tab and sent when it is back.";
const TITLE = /connection error/i;

/** Whether an element is Streamlit's window about a lost server, and no dialog of the page's own. */
export function isAboutConnection(element) {
  if (element.dataset?.testid !== "stDialog") return false;
  const [title] = element.querySelectorAll("h1, h2, h3, [data-testid='stHeading'], header");
  const words = title?.textContent || element.textContent.slice(0, 40);
  return TITLE.test(words);
}

export class Connection {
  isAway = false;
  #focused = null; // what had the keys before the window came
  #listening = new AbortController();

  constructor({ root, notices, editor }) {
    Object.assign(this, { root, notices, editor });
    const remember = ({ target }) => (this.#focused = target);
    root.addEventListener("focusin", remember, { signal: this.#listening.signal });
    // Before the next frame: the window is not seen.
    this.watcher = new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const added of addedNodes)
          if (added.nodeType === Node.ELEMENT_NODE && isAboutConnection(added)) this.#close(added);
    });
    this.watcher.observe(document.body, { childList: true });
  }

  /** An answer has come. */
  isBack() {
    if (!this.isAway) return;
    this.isAway = false;
    if (this.editor.readonly) this.notices.show(this.editor.readonly);
    else this.notices.hide();
    this.notices.announce("The server answers again.");
  }

  destroy() {
    this.watcher.disconnect();
    this.#listening.abort();
  }

  #close(window) {
    const focused = this.#focused;
    window.style.visibility = "hidden";
    const escape = { key: "Escape", code: "Escape", bubbles: true, cancelable: true };
    const press = () =>
      (window.querySelector("[role='dialog']") ?? window).dispatchEvent(
        new KeyboardEvent("keydown", escape),
      );
    press();
    // A key pressed before the window is gone is the coder's, not the window's.
    const hand = (event) => {
      if (!event.isTrusted || !focused?.isConnected || this.root.contains(event.target)) return;
      document.getElementById("root")?.removeAttribute("inert");
      focused.focus({ preventScroll: true });
      event.stopImmediatePropagation();
      if (!focused.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
    };
    addEventListener("keydown", hand, { capture: true, signal: this.#listening.signal });
    // Streamlit listens to the keys only when the window stands.
    let tries = 0;
    const again = setInterval(() => {
      if (!window.isConnected || ++tries > 20) {
        clearInterval(again);
        removeEventListener("keydown", hand, { capture: true });
        if (focused?.isConnected && document.activeElement === document.body)
          focused.focus({ preventScroll: true });
      } else press();
    }, 50);
    if (this.isAway) return;
    this.isAway = true;
    this.notices.show(AWAY);
    this.notices.announce(AWAY);
  }
}
