// The codes under the number keys, in a line below the text, where the code tree does not show them.

import { button, element, swatch } from "./dom.js";

const KEPT = "qc-quick";

export class QuickBar {
  #drawn = "";
  #isOff = false;

  /** apply(code) puts a code on the selection. */
  constructor({ apply }) {
    this.apply = apply;
    this.element = element("div", "qc-quickbar");
    this.element.setAttribute("role", "toolbar");
    this.element.setAttribute("aria-label", "Codes on the number keys");
    this.element.addEventListener("mousedown", (event) => event.preventDefault()); // selection stays
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    try {
      this.#isOff = localStorage.getItem(KEPT) === "off";
    } catch {
      // A private window may refuse storage.
    }
  }

  /** Shows these codes; `isOfUse` is false where the tree stands open or nothing can be changed. */
  show(codes, isOfUse) {
    this.element.hidden = this.#isOff || !isOfUse || !codes.length;
    const drawn = JSON.stringify(codes.map(({ id, name, color }) => [id, name, color]));
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.element.replaceChildren(...codes.map((code, at) => this.#chip(code, at + 1)));
  }

  /** On or off; gives which it is then. */
  toggle() {
    this.#isOff = !this.#isOff;
    try {
      localStorage.setItem(KEPT, this.#isOff ? "off" : "on");
    } catch {
      // As above.
    }
    return !this.#isOff;
  }

  #onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const chips = [...this.element.children];
    chips.at((chips.indexOf(document.activeElement) + step) % chips.length).focus();
    event.preventDefault();
    event.stopPropagation();
  }

  #chip(code, number) {
    const chip = button("qc-quick", "", () => this.apply(code));
    chip.tabIndex = number === 1 ? 0 : -1; // one stop of Tab, the arrows do the rest
    chip.dataset.code = code.id;
    const name = element("span", "qc-quick-name", code.name);
    name.dir = "auto";
    chip.append(element("kbd", "qc-key", number), swatch(code.color), name);
    return chip;
  }
}
