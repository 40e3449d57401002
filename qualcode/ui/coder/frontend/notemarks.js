// The marks of memos between the words and the bars: one for each passage that carries a memo.

import { element, shorten } from "./dom.js";

const APART = 18; // px between two marks at one height
const BEFORE_MARGIN = 23; // px

export class NoteMarks {
  #notes = [];
  #places = new Map(); // memo id → {top, start, end}
  #items = new Map(); // memo id → its button
  #frame = 0;

  /** open(note, anchor) is called when a mark is clicked, remove(id) by the Delete key on one. */
  constructor(turns, page, { open, remove }) {
    Object.assign(this, { turns, page });
    this.element = element("div", "qc-note-marks");
    this.element.setAttribute("role", "list");
    this.element.setAttribute("aria-label", "Memos on passages");
    const noteOf = (event) => {
      const mark = event.target.closest(".qc-note-mark");
      return mark && this.#notes.find(({ id }) => id === mark.dataset.note);
    };
    this.element.addEventListener("click", (event) => {
      const note = noteOf(event);
      if (note) open(note, this.rect(note.id));
    });
    this.element.addEventListener("keydown", (event) => {
      const note = noteOf(event);
      if (!note || (event.key !== "Delete" && event.key !== "Backspace")) return;
      event.preventDefault();
      event.stopPropagation();
      remove(note.id);
    });
  }

  sync(notes) {
    this.#notes = notes;
    this.#drawSoon();
  }

  /** The text has another width. */
  remeasure() {
    this.#places.clear();
    this.#drawSoon();
  }

  /** The id of the memo whose mark has the focus, or null. */
  focused() {
    const mark = this.element.contains(document.activeElement) ? document.activeElement : null;
    return mark?.dataset.note ?? null;
  }

  focus(id) {
    this.#drawNow();
    this.#items.get(id)?.focus({ preventScroll: true });
  }

  rect(id) {
    this.#drawNow();
    return this.#items.get(id)?.getBoundingClientRect() ?? null;
  }

  destroy() {
    cancelAnimationFrame(this.#frame);
  }

  #drawSoon() {
    this.#frame ||= requestAnimationFrame(() => this.#drawNow());
  }

  #drawNow() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const there = new Set(this.#notes.map(({ id }) => id));
    for (const [id, mark] of this.#items) {
      if (there.has(id)) continue;
      mark.parentElement.remove();
      this.#items.delete(id);
    }
    if (!this.#notes.length) return;
    const origin = this.page.getBoundingClientRect();
    const margin = this.page.querySelector(".qc-margin").getBoundingClientRect();
    this.element.style.left = `${margin.left - origin.left - BEFORE_MARGIN}px`;
    let last = -Infinity;
    const placed = this.#notes
      .map((note) => ({ note, top: this.#topOf(note, origin.top) }))
      .filter(({ top }) => top !== null)
      .sort((one, other) => one.top - other.top);
    for (const { note, top } of placed) {
      last = Math.max(top, last + APART);
      this.#place(note, last);
    }
  }

  #topOf(note, origin) {
    const { id, start, end } = note;
    const known = this.#places.get(id);
    if (known && known.start === start && known.end === end) return known.top;
    const box = this.turns.rangeOf(note)?.getClientRects()[0];
    if (!box) return null;
    const top = Math.round(box.top - origin);
    this.#places.set(id, { top, start, end });
    return top;
  }

  #place(note, top) {
    let mark = this.#items.get(note.id);
    if (!mark) {
      mark = element("button", "qc-note-mark");
      mark.type = "button";
      mark.tabIndex = -1; // reached with M, as the bars with [ and ]
      mark.dataset.note = note.id;
      const item = element("div", "qc-item");
      item.setAttribute("role", "listitem");
      item.append(mark);
      this.element.append(item);
      this.#items.set(note.id, mark);
    }
    mark.style.top = `${top + 6}px`;
    const words = shorten(note.text, 120);
    if (mark.title === words) return;
    mark.title = words;
    mark.setAttribute("aria-label", `Memo: ${words}`);
  }
}
