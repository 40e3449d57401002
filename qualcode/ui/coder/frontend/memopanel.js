// The list of memos beside the text: on the interview, on its passages and codings, on codes.

import { button, element, safeColor, shorten, swatch } from "./dom.js";

const EMPTY = "No memos yet. Select words and press W, or press W with nothing selected to write about the whole interview.";

export class MemoPanel {
  #shown = { interview: null, onText: [], onCodes: [], readonly: false };

  /**
   * go(item) leads to a passage or opens a code's memo, write(anchor) opens the memo on the interview,
   * toggled(isOpen) follows opening and closing, leave() gives the focus back to the text.
   */
  constructor(acts) {
    Object.assign(this, acts);
    this.element = element("aside", "qc-memos");
    this.element.setAttribute("aria-label", "Memos");
    this.element.hidden = true;
    const head = element("div", "qc-memos-head");
    const close = button("qc-button", "×", () => this.toggle(false));
    close.setAttribute("aria-label", "Close the memos");
    head.append(element("span", "qc-memos-title", "Memos"), close);
    this.list = element("div", "qc-memos-list");
    this.element.append(head, this.list);
    this.element.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") this.leave();
      else if (event.key.toLowerCase() === "l" && !event.ctrlKey && !event.metaKey) this.toggle(false);
      else if (step) this.#move(step);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  toggle(open = !this.isOpen) {
    this.element.hidden = !open;
    if (open) this.#draw();
    else this.leave();
    this.toggled(open);
  }

  show(shown) {
    this.#shown = shown;
    if (this.isOpen) this.#draw();
  }

  focus() {
    this.list.querySelector("button")?.focus({ preventScroll: true });
  }

  rectOf(id) {
    return [...this.list.querySelectorAll("button")]
      .find((one) => one.dataset.memo === id)
      ?.getBoundingClientRect();
  }

  #draw() {
    const { interview, onText, onCodes, readonly } = this.#shown;
    const at = this.list.contains(document.activeElement)
      ? document.activeElement.dataset.memo
      : null;
    const { scrollTop } = this.list;
    const all = [];
    if (interview) all.push(this.#heading("This interview"), this.#onInterview(interview));
    else if (!readonly) {
      const write = button("qc-button qc-memos-write", "Memo on this interview", () =>
        this.write(write.getBoundingClientRect()),
      );
      all.push(write);
    }
    if (!interview && !onText.length && !onCodes.length) {
      all.push(element("p", "qc-memos-empty", readonly ? "No memos." : EMPTY));
    }
    if (onText.length) all.push(this.#heading("In the text"), ...onText.map((one) => this.#item(one)));
    if (onCodes.length) all.push(this.#heading("On codes"), ...onCodes.map((one) => this.#item(one)));
    this.list.replaceChildren(...all);
    this.list.scrollTop = scrollTop;
    if (at !== null) this.#find(at)?.focus({ preventScroll: true });
  }

  #find(id) {
    return [...this.list.querySelectorAll("button")].find((one) => one.dataset.memo === id);
  }

  #heading(text) {
    const heading = element("div", "qc-memos-heading", text);
    heading.setAttribute("role", "heading");
    heading.setAttribute("aria-level", "3");
    return heading;
  }

  #onInterview(note) {
    const item = this.#entry(note.id, note.text, () => this.write(item.getBoundingClientRect()));
    return item;
  }

  #item(one) {
    const item = this.#entry(one.id, one.text, () => this.go(one));
    if (one.code) {
      const code = element("span", "qc-memos-code");
      const name = element("span", "qc-code-name", one.code.name);
      name.dir = "auto";
      code.append(swatch(safeColor(one.code.color)), name);
      item.prepend(code);
    }
    if (one.place) {
      const place = element("span", "qc-memos-place", one.place);
      place.dir = "auto";
      item.append(place);
    }
    return item;
  }

  #entry(id, text, onClick) {
    const item = button("qc-memos-item", "", onClick);
    item.dataset.memo = id;
    const words = element("span", "qc-memos-words", shorten(text, 240));
    words.dir = "auto";
    item.append(words);
    return item;
  }

  #move(step) {
    const all = [...this.list.querySelectorAll("button")];
    const next = all[all.indexOf(document.activeElement) + step];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
}
