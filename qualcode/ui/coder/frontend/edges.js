// The two ends of a coding: moved by keys, word by word, or dragged by a handle on the text.

import { codableRun } from "./codable.js";
import { element } from "./dom.js";
import { snapToGraphemes, trimSpace } from "./offsets.js";

/**
 * Where an end of [from, to) comes by one word: the new [from, to), or null where that end can go
 * no further. `edge` is "from" or "to"; step 1 goes on in the text, -1 back. At least one word stays.
 */
export function byWord(turns, { from, to }, edge, step) {
  const at = turns.indexAt(edge === "to" ? to - 1 : from);
  const [first, last] = codableRun(turns.list, at) ?? [at, at];
  const side = edge === "to" ? 1 : 0;
  const place = edge === "to" ? to : from;
  for (let index = at; index >= first && index <= last; index += step) {
    const ends = turns.words(index).map((word) => word[side]);
    const next = step > 0 ? ends.find((end) => end > place) : ends.findLast((end) => end < place);
    if (next === undefined) continue;
    const moved = edge === "to" ? [from, next] : [next, to];
    return moved[0] < moved[1] ? moved : null;
  }
  return null;
}

export class Handles {
  dragged = null; // the end that is being dragged: "from" or "to"
  #coding = null;
  #aim = null; // [from, to] as it would be now
  #listening = new AbortController();

  /** move(id, from, to) carries out what was dragged; preview(from, to) shows it meanwhile. */
  constructor(turns, { preview, move }) {
    Object.assign(this, { turns, preview, move });
    this.element = element("div", "qc-handles");
    this.element.setAttribute("aria-hidden", "true"); // the keys do the same
    this.element.hidden = true;
    for (const edge of ["from", "to"]) {
      const handle = element("div", "qc-handle");
      handle.dataset.edge = edge;
      handle.title = "Drag to change where this coding ends";
      handle.addEventListener("pointerdown", (event) => this.#take(event, edge));
      this.element.append(handle);
    }
    const options = { signal: this.#listening.signal };
    document.addEventListener("pointermove", (event) => this.#drag(event), options);
    document.addEventListener("pointerup", () => this.#release(), options);
    document.addEventListener("pointercancel", () => this.#release({ keep: false }), options);
  }

  show(coding) {
    this.#coding = coding;
    this.element.hidden = false;
    this.place();
  }

  hide() {
    if (this.dragged) return;
    this.#coding = null;
    this.element.hidden = true;
  }

  place() {
    if (!this.#coding || this.element.hidden) return;
    const [from, to] = this.#aim ?? this.#ends();
    const origin = this.element.getBoundingClientRect();
    for (const [handle, at, index] of [
      [this.element.children[0], [from, from + 1], this.turns.indexAt(from)],
      [this.element.children[1], [to - 1, to], this.turns.indexAt(to - 1)],
    ]) {
      const box = this.turns.range(...at)?.getBoundingClientRect();
      if (!box) continue;
      const isLeft = (handle.dataset.edge === "from") !== this.turns.isRightToLeft(index);
      handle.style.left = `${(isLeft ? box.left : box.right) - origin.left}px`;
      handle.style.top = `${box.top - origin.top}px`;
      handle.style.height = `${box.height}px`;
    }
  }

  destroy() {
    this.#listening.abort();
  }

  #ends() {
    const { offsets } = this.turns;
    return [offsets.toUnits(this.#coding.start), offsets.toUnits(this.#coding.end)];
  }

  #take(event, edge) {
    event.preventDefault(); // neither a selection nor the loss of the focus
    this.dragged = edge;
  }

  #drag(event) {
    if (!this.dragged) return;
    const position = this.turns.positionFromPoint(event.clientX, event.clientY);
    if (position === null) return;
    const [from, to] = this.#ends();
    const [first, last] = this.#bounds(this.dragged === "from" ? to - 1 : from);
    const isFrom = this.dragged === "from";
    const ends = isFrom ? [Math.max(first, position), to] : [from, Math.min(last, position)];
    if (ends[0] >= ends[1]) return;
    this.#aim = this.#snapped(...ends);
    this.preview(...this.#aim);
    this.place();
  }

  /** The codable stretch around a position: an end is not dragged into an interviewer's words. */
  #bounds(position) {
    const { list } = this.turns;
    const index = this.turns.indexAt(position);
    const [first, last] = codableRun(list, index) ?? [index, index];
    return [list[first].from, list[last].to];
  }

  #snapped(from, to) {
    const { text, list } = this.turns;
    const [start, end] = trimSpace(text, from, to);
    const { node, from: turnFrom } = list[this.turns.indexAt(start)];
    const [first] = snapToGraphemes(node.data, start - turnFrom, start - turnFrom + 1);
    const last = list[this.turns.indexAt(end - 1)];
    const [, past] = snapToGraphemes(last.node.data, end - 1 - last.from, end - last.from);
    return [turnFrom + first, last.from + past];
  }

  #release({ keep = true } = {}) {
    if (!this.dragged) return;
    const [id, aim] = [this.#coding.id, this.#aim];
    this.dragged = null;
    this.#aim = null;
    if (keep && aim) this.move(id, ...aim);
    else this.place();
  }
}
