// Looking through the codings: one at a time, its words marked and its bar in focus.

import { shorten } from "./dom.js";
import { Handles, byWord } from "./edges.js";

const WANTED = {
  coding: { is: () => true, none: "No codings yet." },
  doubt: { is: (coding) => coding.uncertain, none: "No coding is in doubt." },
};

export class Looking {
  #id = null; // the coding looked at

  constructor(workbench) {
    this.bench = workbench;
    this.handles = new Handles(workbench.turns, {
      preview: (from, to) => workbench.painter.mark("focus", from, to),
      move: (id, from, to) => this.#move(id, from, to),
    });
  }

  /** Marks a coding's words and, if asked, brings them into view and focuses the bar. */
  at(id, { scroll = true, focus = false } = {}) {
    const { editor, turns, painter, cursor, margin, codes, notices } = this.bench;
    const coding = editor.codings.get(id);
    const range = coding && turns.rangeOf(coding);
    if (!range) return;
    this.#id = id;
    painter.mark("focus", turns.offsets.toUnits(coding.start), turns.offsets.toUnits(coding.end));
    if (!editor.readonly) this.handles.show(coding);
    if (scroll) cursor.scrollTo(range, { middle: true });
    if (focus) {
      margin.drawNow(); // a coding of this very moment has no bar before the next frame
      margin.bar(id)?.focus({ preventScroll: true });
    }
    const name = codes.get(coding.code)?.name ?? "Unknown code";
    const doubt = coding.uncertain ? ", in doubt" : "";
    notices.announce(`${name}${doubt}: ${shorten(turns.quoteOf(coding), 120)}`);
  }

  /** The next or previous one, seen from the coding looked at or from the cursor. */
  step(step, wanted = "coding") {
    const { bench } = this;
    const all = bench.editor.codings.inOrder();
    const { is, none } = WANTED[wanted];
    const places = [...all.keys()].filter((at) => is(all[at]) && bench.isShown(all[at]));
    if (!places.length) return bench.notices.say(none);
    const here = this.#place(all, step);
    const next =
      step > 0 ? places.find((place) => place > here) : places.findLast((place) => place < here);
    this.at(all[next ?? places.at(step > 0 ? 0 : -1)].id, { focus: true });
  }

  /** Where in the order of codings one is; between two of them where none is looked at. */
  #place(all, step) {
    const { turns, cursor, margin } = this.bench;
    const id = margin.focused() ?? this.#id;
    const index = all.findIndex((coding) => coding.id === id);
    if (index >= 0) return index;
    const here = turns.offsets.toPoints(cursor.position());
    const after = all.findIndex((coding) => coding.start >= here);
    return (after < 0 ? all.length : after) - (step > 0 ? 1 : 0);
  }

  /** Moves an end of the coding in focus by one word; `edge` is "from" or "to". */
  resize(id, edge, step) {
    const { editor, turns, notices } = this.bench;
    const coding = editor.codings.get(id);
    if (!coding) return;
    const [from, to] = [turns.offsets.toUnits(coding.start), turns.offsets.toUnits(coding.end)];
    const isFlipped = turns.isRightToLeft(turns.indexAt(edge === "to" ? to - 1 : from));
    const moved = byWord(turns, { from, to }, edge, isFlipped ? -step : step);
    if (moved) this.#move(id, ...moved);
    else notices.say("The coding ends here: it keeps a word, and stays with who speaks.");
  }

  #move(id, from, to) {
    const { editor, turns, margin } = this.bench;
    const points = { start: turns.offsets.toPoints(from), end: turns.offsets.toPoints(to) };
    const coding = editor.codings.get(id);
    if (!coding || (coding.start === points.start && coding.end === points.end)) return;
    const moved = editor.move(id, points) ?? id;
    margin.drawNow();
    this.at(moved, { scroll: false, focus: true });
  }

  /** The codings have changed: the one looked at may be gone or stand elsewhere. */
  check() {
    if (this.#id && !this.bench.editor.codings.get(this.#id)) this.forget();
  }

  forget() {
    if (this.handles.dragged) return;
    this.#id = null;
    this.handles.hide();
    this.bench.painter.unmark("focus");
  }
}
