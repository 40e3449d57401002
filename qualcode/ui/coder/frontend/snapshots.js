// Full states from the server: text and turns once in a tab, codings whenever they may be old.
//
// A run of the whole page sends everything, an answer to an edit only acknowledgements. Streamlit
// may drop an update that a newer one overtakes, so what is missing is asked for again.

const sources = new Map(); // identity → {text, turns}: outlives page switches in this tab
const ASK_AGAIN_MS = 2500;
const TRIES_BEFORE_KICK = 2;
const OLD_MS = 1500;

/** Two transcripts may have the same words, and one transcript may get a new text. */
export function identityOf({ id, sha }) {
  return `${id}:${sha}`;
}

export class Snapshots {
  #takenAt = -Infinity;
  #waiting = null;
  #tries = 0;
  #shown = null; // identity of the transcript on the page
  #listening = new AbortController();
  #channel = null; // to this coder's other tabs

  constructor({ ask, kick }) {
    Object.assign(this, { ask, kick });
    const options = { signal: this.#listening.signal };
    // Another tab of the same coder may have changed something while this one lay behind.
    addEventListener("focus", () => this.#refresh(), options);
    document.addEventListener("visibilitychange", () => this.#refresh(), options);
  }

  /** Listens to the tabs of the same coder in this browser. */
  open(coder) {
    const name = `qc-kept:${coder}`;
    if (this.#channel?.name === name || !globalThis.BroadcastChannel) return;
    this.#channel?.close();
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => {
      if (data !== this.#shown) return;
      this.#takenAt = -Infinity; // a hidden tab asks when it is looked at
      this.#refresh();
    };
  }

  /** Tells the other tabs that the codings on the page have changed in the study. */
  tell() {
    this.#channel?.postMessage(this.#shown);
  }

  /** The text and turns of `data.doc`, or null after asking for them. */
  take({ doc, codings }) {
    const identity = identityOf(doc);
    if (doc.text !== undefined) sources.set(identity, { text: doc.text, turns: doc.turns });
    const source = sources.get(identity) ?? null;
    const isNew = this.#shown !== identity;
    if (source && codings) {
      this.#takenAt = performance.now();
      this.#tries = 0;
      clearTimeout(this.#waiting);
      this.#waiting = null;
    } else if (isNew) {
      this.#want({ text: !source });
    }
    if (source) this.#shown = identity;
    return source;
  }

  #refresh() {
    const isOld = performance.now() - this.#takenAt > OLD_MS;
    if (this.#shown && isOld && document.visibilityState === "visible") this.#want({ text: false });
  }

  #want(wish) {
    if (this.#waiting) return;
    try {
      this.ask(wish);
    } catch {
      // Not connected: asked again below.
    }
    this.#waiting = setTimeout(() => {
      this.#waiting = null;
      this.#tries += 1;
      if (this.#tries > TRIES_BEFORE_KICK) this.kick();
      if (this.#tries <= 2 * TRIES_BEFORE_KICK) this.#want(wish);
    }, ASK_AGAIN_MS);
  }

  /** Asks for the codings at once, whatever is known. */
  again() {
    if (this.#shown) this.#want({ text: false });
  }

  destroy() {
    this.#channel?.close();
    this.#listening.abort();
    clearTimeout(this.#waiting);
  }
}
