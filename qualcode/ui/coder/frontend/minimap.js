// The whole interview in a strip beside the scroll bar: codings, turns without one, places found.
//
// It is drawn, not built of elements, and hidden from screen readers: N, P, [ and ] lead to the same
// places and say what is there.

import { element, safeColor } from "./dom.js";

const LANES = 4;
const LANE = 4; // px
const LEFT = 6;
const LEAST = 2; // px: the shortest coding can still be seen

export class Minimap {
  #bars = [];
  #boxes = new Map(); // index of a turn → [top, bottom] in px of the page
  #rows = []; // those of the participant turns without a code
  #hits = [];
  #frame = 0;
  #dragging = false;
  #listening = new AbortController();

  constructor(turns, scroller) {
    Object.assign(this, { turns, scroller });
    this.element = element("div", "qc-minimap");
    this.element.setAttribute("aria-hidden", "true");
    this.canvas = element("canvas");
    this.view = element("div", "qc-minimap-view");
    this.element.append(this.canvas, this.view);
    const options = { signal: this.#listening.signal };
    this.element.addEventListener("pointerdown", (event) => this.#press(event), options);
    this.element.addEventListener("pointermove", (event) => this.#drag(event), options);
    this.element.addEventListener("pointerup", () => (this.#dragging = false), options);
    scroller.addEventListener("scroll", () => this.#placeView(), { ...options, passive: true });
  }

  /** Shows bars {top, bottom, lane, color} and marks the turns not in `coded` (indices). */
  show(bars, coded, participants) {
    if (!this.#boxes.size) this.#measure(participants);
    this.#bars = bars;
    this.#rows = participants
      .filter((index) => !coded.has(index))
      .map((index) => this.#boxes.get(index))
      .filter(Boolean);
    this.draw();
  }

  /** The text is another one or has another width. */
  remeasure() {
    this.#boxes.clear();
  }

  #measure(indices) {
    const origin = this.turns.element.getBoundingClientRect().top;
    for (const index of indices) {
      const box = this.turns.list[index].row.getBoundingClientRect();
      this.#boxes.set(index, [box.top - origin, box.bottom - origin]);
    }
  }

  setHits(hits) {
    this.#hits = hits;
    this.draw();
  }

  draw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
      this.#placeView();
    });
  }

  destroy() {
    cancelAnimationFrame(this.#frame);
    this.#listening.abort();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    const scale = globalThis.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    const pen = this.canvas.getContext("2d");
    pen.scale(scale, scale);
    const whole = this.scroller.scrollHeight;
    const styles = getComputedStyle(this.element);
    const stretch = (top, bottom, x, wide) =>
      pen.fillRect(
        x,
        (top / whole) * height,
        wide,
        Math.max(LEAST, ((bottom - top) / whole) * height - 0.5),
      );
    pen.fillStyle = styles.getPropertyValue("--qc-uncoded");
    for (const [top, bottom] of this.#rows) stretch(top, bottom, 0, 3);
    for (const { top, bottom, lane, color } of this.#bars) {
      pen.fillStyle = safeColor(color);
      stretch(top, bottom, LEFT + Math.min(lane, LANES - 1) * LANE, LANE - 1);
    }
    pen.fillStyle = styles.getPropertyValue("--qc-found");
    for (const [from] of this.#hits) {
      const { row } = this.turns.list[this.turns.indexAt(from)];
      stretch(row.offsetTop, row.offsetTop, 0, width);
    }
  }

  #placeView() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    const height = this.element.clientHeight;
    const top = (scrollTop / scrollHeight) * height;
    this.view.style.transform = `translateY(${top}px)`;
    this.view.style.height = `${Math.max(8, (clientHeight / scrollHeight) * height)}px`;
  }

  #press(event) {
    event.preventDefault(); // the selection stays
    this.#dragging = true;
    this.element.setPointerCapture(event.pointerId);
    this.#drag(event);
  }

  #drag(event) {
    if (!this.#dragging) return;
    const box = this.element.getBoundingClientRect();
    const part = (event.clientY - box.top) / box.height;
    this.scroller.scrollTop = part * this.scroller.scrollHeight - this.scroller.clientHeight / 2;
  }
}
