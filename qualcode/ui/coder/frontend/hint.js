// What a code means and when not to use it, beside whatever shows the code: a bar, a name in the
// margin, a row of the tree; under the pointer after a moment, and at once with the keyboard's focus.

import { element } from "./dom.js";
import { ruleOf } from "./palette.js";

const AFTER_MS = 350;
const EDGE = 8;
const GAP = 10;
const SHOWING = ".qc-bar, .qc-name-beside, .qc-tree-row, .qc-quick";

export class Hint {
  #timer = null;
  #target = null;
  #listening = new AbortController();

  constructor(workbench) {
    this.bench = workbench;
    this.element = element("div", "qc-hint-box");
    this.element.id = `${workbench.painter.prefix}-hint`;
    this.element.setAttribute("role", "tooltip");
    this.element.hidden = true;
    const { root, scroller } = workbench;
    root.append(this.element);
    const options = { signal: this.#listening.signal };
    root.addEventListener("pointerover", (event) => this.#over(event), options);
    root.addEventListener("focusin", ({ target }) => this.#focused(target), options);
    root.addEventListener("focusout", () => this.hide(), options);
    root.addEventListener("pointerdown", () => this.hide(), options);
    root.addEventListener("keydown", ({ key }) => key === "Escape" && this.hide(), options);
    scroller.addEventListener("scroll", () => this.#scrolled(), { ...options, passive: true });
  }

  hide() {
    clearTimeout(this.#timer);
    this.#target?.removeAttribute("aria-describedby");
    this.#target = null;
    this.element.hidden = true;
  }

  destroy() {
    this.hide();
    this.#listening.abort();
  }

  #over({ target, pointerType }) {
    if (pointerType === "touch") return; // a finger opens the window that says the same
    const shown = target.closest?.(SHOWING) ?? null;
    if (shown === this.#target) return;
    this.hide();
    if (!shown) return;
    this.#target = shown;
    this.#timer = setTimeout(() => this.#show(shown), AFTER_MS);
  }

  #focused(target) {
    if (!target.matches?.(SHOWING) || !target.matches(":focus-visible")) return;
    this.hide();
    this.#target = target;
    this.#show(target);
  }

  /** A bar that is focused is scrolled to: the box goes with it. */
  #scrolled() {
    if (this.element.hidden) return;
    if (this.#target === document.activeElement) this.#place(this.#target);
    else this.hide();
  }

  #codeOf(target) {
    const { codes, editor } = this.bench;
    const [coding] = target.dataset.codings?.split(" ") ?? [];
    return codes.get(coding ? editor.codings.get(coding)?.code : target.dataset.code);
  }

  #show(target) {
    const code = this.#codeOf(target);
    if (!code || !target.isConnected || this.bench.popup.isOpen) return;
    const name = element("p", "qc-hint-name", code.name);
    name.dir = "auto";
    const rule = ruleOf(code);
    // In the margin the name is there to read; a rule is what is worth a box.
    if (!rule.length && target.textContent.includes(code.name)) return;
    this.element.replaceChildren(name, ...rule);
    this.element.hidden = false;
    target.setAttribute("aria-describedby", this.element.id);
    this.#place(target);
  }

  #place(target) {
    const at = target.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    // To the right of a bar, where it covers names and no words.
    const isRoom = at.right + GAP + width < innerWidth - EDGE;
    const left = isRoom ? at.right + GAP : at.left - GAP - width;
    const { style } = this.element;
    style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
    style.top = `${Math.max(EDGE, Math.min(at.top, innerHeight - height - EDGE))}px`;
  }
}
