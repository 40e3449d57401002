// How the text is shown: the size of the words, and whether the page around it gives way.

const SIZES = [0.88, 1, 1.15, 1.32, 1.55, 1.8];
const KEPT = "qc-size";

export class View {
  #size = SIZES.indexOf(1);

  /**
   * `before()` comes before the words move, `say(text)` tells the coder what has changed; `wide` and
   * `bigger` are the buttons for it.
   */
  constructor(root, { before, say, wide, bigger }) {
    Object.assign(this, { root, before, say, wide, bigger });
    try {
      const kept = Number(localStorage.getItem(KEPT) ?? this.#size);
      if (kept in SIZES) this.#size = kept;
    } catch {
      // A private window may refuse storage.
    }
    this.#show();
  }

  /** How much larger than usual the words are. */
  get scale() {
    return SIZES[this.#size];
  }

  /** Larger or smaller words; with `around` the smallest follow the largest. */
  size(step, { around = false } = {}) {
    const next = around
      ? (this.#size + step + SIZES.length) % SIZES.length
      : Math.max(0, Math.min(SIZES.length - 1, this.#size + step));
    if (next === this.#size)
      return this.say(`The words are as ${step > 0 ? "large" : "small"} as they get.`);
    this.before();
    this.#size = next;
    try {
      localStorage.setItem(KEPT, next);
    } catch {
      // As above.
    }
    this.#show();
    this.say(`Size of the words: ${this.#percent()} %.`);
  }

  /** The text alone fills the window, or no longer. */
  widen() {
    this.before();
    const isWide = this.root.classList.toggle("qc-wide");
    this.wide.setAttribute("aria-pressed", isWide);
    this.say(isWide ? "The text fills the window; Z brings the page back." : "The page is back.");
  }

  #percent() {
    return Math.round(100 * this.scale);
  }

  #show() {
    this.root.style.setProperty("--qc-size", this.scale);
    const label = `Size of the words: ${this.#percent()} %`;
    this.bigger.setAttribute("aria-label", label);
    this.bigger.title = `${label} (+ and −)`;
  }
}
