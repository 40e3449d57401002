// One small window beside a passage: the palette, or the codings on the passage.
//
// It lies in the browser's top layer, so that nothing clips it, and stays inside the viewport, also
// above a phone's keyboard.

import { element } from "./dom.js";

const EDGE = 8;
const GAP = 6;
const TALLEST = 460;
const LEAST = 200; // px: less is of no use; then it may cover what it is about

/**
 * Above or below the anchor, and how tall there: whole where there is room for it, else on the side
 * with more, so that the words it is about stay in sight.
 */
export function sideOf({ top, bottom }, tall, height) {
  const below = height - EDGE - GAP - bottom;
  const above = top - EDGE - GAP;
  const isAbove = tall > below && above > below;
  return { isAbove, most: Math.max(LEAST, isAbove ? above : below) };
}

export class Popup {
  element = null;
  #onClose = null;
  #listening = null;

  constructor(root, { refocus }) {
    this.root = root;
    this.refocus = refocus;
  }

  get isOpen() {
    return this.element !== null;
  }

  /**
   * Opens an empty window near `anchor`, a DOMRect; gives its element to fill, then call place().
   * onClose(element) gives true where it has put the focus somewhere itself.
   */
  open({ label, className, anchor, onClose = null }) {
    this.close({ refocus: false });
    this.anchor = anchor;
    this.#onClose = onClose;
    this.element = element("div", `qc-popup ${className}`);
    this.element.setAttribute("role", "dialog");
    this.element.setAttribute("aria-label", label);
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.root.append(this.element);
    if (this.element.showPopover) {
      this.element.popover = "manual";
      this.element.showPopover();
    }
    this.#listening = new AbortController();
    const options = { signal: this.#listening.signal };
    document.addEventListener("pointerdown", (event) => this.#onPress(event), options);
    addEventListener("resize", () => this.place(), options);
    globalThis.visualViewport?.addEventListener("resize", () => this.place(), options);
    return this.element;
  }

  place() {
    if (!this.element) return;
    const view = globalThis.visualViewport;
    const width = view?.width ?? innerWidth;
    const height = view?.height ?? innerHeight;
    const { style } = this.element;
    const wholly = Math.min(TALLEST, height - 2 * EDGE);
    style.maxHeight = `${wholly}px`;
    const { isAbove, most } = sideOf(this.anchor, this.element.offsetHeight, height);
    style.maxHeight = `${Math.min(wholly, most)}px`;
    const box = this.element.getBoundingClientRect();
    const top = isAbove ? this.anchor.top - box.height - GAP : this.anchor.bottom + GAP;
    style.left = `${clamp(this.anchor.left, EDGE, width - box.width - EDGE)}px`;
    style.top = `${clamp(top, EDGE, height - box.height - EDGE)}px`;
  }

  close({ refocus = true } = {}) {
    if (!this.element) return;
    const [closing, onClose] = [this.element, this.#onClose];
    this.element = null;
    this.#onClose = null;
    this.#listening.abort();
    const hasFocused = onClose?.(closing) === true;
    closing.remove();
    if (refocus && !hasFocused) this.refocus();
  }

  #onPress(event) {
    if (this.element.contains(event.target)) return;
    this.close({ refocus: false });
    // The press gives the focus to what it meets, or to nothing: then the keys go on in the text.
    setTimeout(() => document.activeElement === document.body && this.refocus());
  }

  #onKey(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    } else if (event.key === "Tab") {
      this.#keepFocusInside(event);
    }
    event.stopPropagation();
  }

  #keepFocusInside(event) {
    const stops = [...this.element.querySelectorAll("button, input, textarea, summary")];
    const [first, last] = [stops[0], stops.at(-1)];
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first.focus();
    }
  }
}

function clamp(value, least, most) {
  return Math.max(least, Math.min(value, most));
}
