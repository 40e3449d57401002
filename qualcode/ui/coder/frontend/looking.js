// Looking through the codings: one at a time, its words marked and its bar in focus.

import { shorten } from "./dom.js";

export class Looking {
  #id = null; // the coding looked at

  constructor(workbench) {
    this.bench = workbench;
  }

  /** Marks a coding's words and, if asked, brings them into view and focuses the bar. */
  at(id, { scroll = true, focus = false } = {}) {
    const { editor, turns, painter, cursor, margin, codes, notices } = this.bench;
    const coding = editor.codings.get(id);
    const range = coding && turns.rangeOf(coding);
    if (!range) return;
    this.#id = id;
    painter.mark("focus", turns.offsets.toUnits(coding.start), turns.offsets.toUnits(coding.end));
    if (scroll) cursor.scrollTo(range, { middle: true });
    if (focus) margin.bar(id)?.focus({ preventScroll: true });
    const name = codes.get(coding.code)?.name ?? "Unknown code";
    notices.announce(`${name}: ${shorten(turns.quoteOf(coding), 120)}`);
  }

  /** The next or previous coding, seen from the one looked at or from the cursor. */
  step(step) {
    const { editor, turns, cursor, margin, notices } = this.bench;
    const order = editor.codings.inOrder();
    if (!order.length) return notices.say("No codings yet.");
    const id = margin.focused() ?? this.#id;
    const index = order.findIndex((coding) => coding.id === id);
    let next = (index + step + order.length) % order.length;
    if (index < 0) {
      const here = turns.offsets.toPoints(cursor.position());
      const after = order.findIndex((coding) => coding.start >= here);
      next = after < 0 ? 0 : after;
    }
    this.at(order[next].id, { focus: true });
  }

  forget() {
    this.#id = null;
    this.bench.painter.unmark("focus");
  }
}
