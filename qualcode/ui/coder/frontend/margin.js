// The margin: a bar for every coding, its code's name close by.
//
// A bar is measured once per width of the text and its element kept, so that an edit touches only
// what it moves. Only bars near the window have an element: with 1,500 codings of a long interview
// the page would otherwise carry some ten thousand more than it shows.

import { element, safeColor, shorten } from "./dom.js";
import { LABEL_HEIGHT, MOST_LANES, layLabels, layLanes } from "./lanes.js";
import { note } from "./metrics.js";

const LANE_WIDTH = 8;
const NAMES_FROM = 100; // px of margin from which there is room for names (coder.css hides them below)
const SHORTEST_BAR = 10;
const NEAR = 2; // windows above and below in which bars have an element

export class Margin {
  #measured = new Map(); // coding id → {top, bottom, start, end}
  #shown = new Map(); // coding id → {item, bar, label, drawn}
  #bars = []; // every bar in its place, from the top: {id, top, bottom, lane, label}
  #drawnAt = 0; // where the window was when elements were last made
  #frame = 0;

  /**
   * open(ids, element) is called when a coder clicks a bar or a name, lost() when the bar in focus
   * goes away, drawn(bars) after each drawing, with {top, bottom, lane, color} in px of the text; scale()
   * is how much larger than usual names are.
   */
  constructor(turns, scroller, { open, lost, drawn, scale }) {
    Object.assign(this, { turns, scroller, lost, drawn, scale });
    this.element = element("div", "qc-margin");
    this.element.setAttribute("role", "list");
    this.element.setAttribute("aria-label", "Codings in the margin");
    this.element.addEventListener("click", (event) => {
      const target = event.target.closest("[data-codings]");
      if (target) open(target.dataset.codings.split(" "), target);
    });
    scroller.addEventListener("scroll", () => this.#follow(), { passive: true });
  }

  /** Shows these codings from the next frame on. */
  sync(codings, codes) {
    this.codings = codings;
    this.codes = codes;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** Shows now what would wait for the next frame. */
  drawNow() {
    if (!this.#frame) return;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#draw();
  }

  /** The text has another width: every bar is measured again. */
  remeasure() {
    this.#measured.clear();
    if (this.codings) this.sync(this.codings, this.codes);
  }

  clear() {
    this.#bars = [];
    this.#measured.clear();
    this.#shown.clear();
    this.element.replaceChildren();
  }

  /** The element of a coding's bar, made now if it was too far away to have one. */
  bar(id) {
    if (!this.#shown.has(id)) {
      const bar = this.#bars.find((one) => one.id === id);
      if (bar) this.#place(bar);
    }
    return this.#shown.get(id)?.bar ?? null;
  }

  /** The coding whose bar has the keyboard focus. */
  focused() {
    const bar = this.element.contains(document.activeElement) ? document.activeElement : null;
    return bar?.dataset.codings?.split(" ")[0] ?? null;
  }

  destroy() {
    cancelAnimationFrame(this.#frame);
  }

  #draw() {
    const began = performance.now();
    const bars = layLabels(layLanes(this.#measure(), this.#lanes()), LABEL_HEIGHT * this.scale());
    this.#bars = bars;
    for (const id of this.#measured.keys()) if (!this.codings.has(id)) this.#measured.delete(id);
    this.#placeNear();
    this.drawn(bars.map((bar) => ({ ...bar, color: this.#colorOf(bar.id) })));
    note("margin", { ms: performance.now() - began, n: bars.length });
  }

  /** Gives the bars near the window an element, and takes it from the others. */
  #placeNear() {
    const { scrollTop, clientHeight } = this.scroller;
    this.#drawnAt = scrollTop;
    const [top, bottom] = [scrollTop - NEAR * clientHeight, scrollTop + (NEAR + 1) * clientHeight];
    const near = new Set();
    for (const bar of this.#bars) {
      if (bar.top > bottom) break;
      if (bar.bottom < top) continue;
      near.add(bar.id);
      this.#place(bar);
    }
    for (const [id, { item, bar }] of this.#shown) {
      const isGone = !this.codings.has(id);
      const hasFocus = bar === document.activeElement;
      if (!isGone && (near.has(id) || hasFocus)) continue;
      if (hasFocus) this.lost();
      item.remove();
      this.#shown.delete(id);
    }
  }

  #follow() {
    if (this.#frame || !this.#bars.length) return;
    const way = Math.abs(this.scroller.scrollTop - this.#drawnAt);
    if (way < (NEAR / 2) * this.scroller.clientHeight) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#placeNear();
    });
  }

  /** As many as leave room for the names, or, on a phone, as many as there is room for. */
  #lanes() {
    const width = this.element.clientWidth;
    const room = width < NAMES_FROM ? width - 4 : width / 2;
    return Math.max(1, Math.min(MOST_LANES, Math.floor(room / LANE_WIDTH)));
  }

  #measure() {
    const origin = this.element.getBoundingClientRect().top;
    const bars = [];
    for (const coding of this.codings.values()) {
      let place = this.#measured.get(coding.id);
      if (!place || place.start !== coding.start || place.end !== coding.end) {
        const box = this.turns.rangeOf(coding)?.getBoundingClientRect();
        if (!box) continue;
        const { start, end } = coding;
        place = { top: box.top - origin, bottom: box.bottom - origin, start, end };
        this.#measured.set(coding.id, place);
      }
      bars.push({ id: coding.id, top: place.top, bottom: place.bottom });
    }
    return bars;
  }

  #colorOf(id) {
    return this.codes.get(this.codings.get(id).code)?.color;
  }

  #place(bar) {
    const coding = this.codings.get(bar.id);
    const code = this.codes.get(coding.code);
    const name = code?.name ?? "Unknown code";
    const color = safeColor(code?.color);
    const { label } = bar;
    const drawn = [
      Math.round(bar.top),
      Math.round(bar.bottom),
      bar.lane * LANE_WIDTH,
      color,
      name,
      Boolean(coding.memo),
      Boolean(coding.uncertain),
      label && [Math.round(label.top), label.indent, label.more.join()],
    ].join("|");
    const shown = this.#shown.get(bar.id) ?? this.#newItem(bar.id);
    if (shown.drawn === drawn) return;
    shown.drawn = drawn;
    const { style } = shown.bar;
    style.top = `${Math.round(bar.top)}px`;
    style.height = `${Math.max(SHORTEST_BAR, Math.round(bar.bottom - bar.top) - 3)}px`;
    style.insetInlineStart = `${bar.lane * LANE_WIDTH}px`;
    style.setProperty("--qc-code", color);
    const memo = coding.memo ? ", with a memo" : "";
    const doubt = coding.uncertain ? ", in doubt" : "";
    shown.bar.classList.toggle("qc-doubt", Boolean(coding.uncertain));
    shown.bar.setAttribute(
      "aria-label",
      `${name}${doubt}${memo}: ${shorten(this.turns.quoteOf(coding), 60)}`,
    );
    this.#placeLabel(shown, bar, { coding, name, color });
  }

  #placeLabel(shown, { id, label }, { coding, name, color }) {
    if (!label) {
      shown.label?.remove();
      shown.label = null;
      return;
    }
    if (!shown.label) {
      shown.label = element("span", "qc-name-beside");
      shown.label.setAttribute("aria-hidden", "true");
      const parts = ["qc-name-text", "qc-name-doubt", "qc-name-more"];
      shown.label.append(...parts.map((part) => element("span", part)));
      shown.item.append(shown.label);
    }
    const [text, doubt, more] = shown.label.children;
    text.textContent = name;
    doubt.textContent = coding.uncertain ? "?" : "";
    more.textContent = label.more.length ? `+${label.more.length}` : "";
    shown.label.dataset.codings = [id, ...label.more].join(" ");
    shown.label.classList.toggle("qc-has-memo", Boolean(coding.memo));
    shown.label.style.top = `${Math.round(label.top)}px`;
    shown.label.style.setProperty("--qc-indent", `${label.indent * LANE_WIDTH}px`);
    shown.label.style.setProperty("--qc-code", color);
  }

  #newItem(id) {
    const item = element("div", "qc-item");
    item.setAttribute("role", "listitem");
    const bar = element("button", "qc-bar");
    bar.type = "button";
    bar.tabIndex = -1; // reached with [ and ], or there would be 500 stops on the way to the page's end
    bar.dataset.codings = id;
    item.append(bar);
    this.element.append(item);
    const shown = { item, bar, label: null, drawn: "" };
    this.#shown.set(id, shown);
    return shown;
  }
}
