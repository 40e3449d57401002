// What the coder is told: a strip that stays (refused edits, a closed transcript), a line that goes
// by, and the same in a live region for screen readers.

import { button, element } from "./dom.js";

const PASSING_MS = 4500;

export class Notices {
  #timer = null;

  constructor() {
    this.strip = element("div", "qc-notice");
    this.strip.hidden = true;
    this.passing = element("div", "qc-passing");
    this.passing.hidden = true;
    this.passing.setAttribute("aria-hidden", "true"); // the live region says it
    this.live = element("div", "qc-hidden");
    this.live.setAttribute("aria-live", "polite");
  }

  /** For screen readers only: what everybody else sees happen on the page. */
  announce(text) {
    // The same words twice in a row would not be read again.
    this.live.textContent = this.live.textContent === text ? `${text}\u00a0` : text;
  }

  /** Says something for some seconds. */
  say(text) {
    this.announce(text);
    this.passing.textContent = text;
    this.passing.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.passing.hidden = true), PASSING_MS);
  }

  /** Shows a strip that stays until it is dismissed, or for good. kind: "failed" or "plain". */
  show(text, { kind = "plain", dismissed = null } = {}) {
    const words = element("span", "qc-notice-text", text);
    words.dir = "auto";
    this.strip.replaceChildren(words);
    this.strip.dataset.kind = kind;
    this.strip.setAttribute("role", kind === "failed" ? "alert" : "note");
    if (dismissed) {
      this.strip.append(
        button("qc-button", "Dismiss", () => {
          this.hide();
          dismissed();
        }),
      );
    }
    this.strip.hidden = false;
  }

  hide() {
    this.strip.hidden = true;
    this.strip.replaceChildren();
  }
}
