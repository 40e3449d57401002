// Fingers: a tap takes the sentence, and a bar at the foot of the text does the rest without a keyboard.
//
// A long press selects as on any page, where the browser lets it; the bar stands under that too.

import { button, element } from "./dom.js";
import { byWord } from "./edges.js";

export class Touch {
  #tapped = null; // where the last tap was, in code points
  #unit = ""; // what was taken last

  constructor(workbench) {
    this.bench = workbench;
    this.element = element("div", "qc-touchbar");
    this.element.setAttribute("role", "toolbar");
    this.element.setAttribute("aria-label", "Selection");
    this.element.hidden = true;
    const units = this.#group("Select", [
      ["Word", "", () => this.#take("word")],
      ["Sentence", "", () => this.#take("sentence")],
      ["Turn", "", () => this.#take("turn")],
    ]);
    const begin = this.#group("Beginning", [
      ["‹", "Beginning one word back", () => this.#move("from", -1)],
      ["›", "Beginning one word on", () => this.#move("from", 1)],
    ]);
    const end = this.#group("End", [
      ["‹", "End one word back", () => this.#move("to", -1)],
      ["›", "End one word on", () => this.#move("to", 1)],
    ]);
    this.here = button("qc-touch", "", () => this.#look());
    const code = button("qc-touch qc-primary", "Code", () => this.bench.windows.palette());
    code.append(element("span", "qc-touch-more", " the selection"));
    code.setAttribute("aria-label", "Code the selection");
    this.element.append(units, code, begin, end, this.here);
    // The selection must outlive a press on the bar.
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
  }

  /** A finger has come and gone at a point of the screen. */
  tap({ clientX: x, clientY: y }) {
    const { turns, editor, cursor } = this.bench;
    const position = turns.positionFromPoint(x, y);
    if (position === null || !turns.list[turns.indexAt(position)].codable) {
      cursor.clear();
      return this.hide();
    }
    this.#tapped = turns.offsets.toPoints(position);
    if (editor.readonly) return this.#look(new DOMRect(x, y, 1, 1));
    cursor.sentenceAt(position);
    this.#unit = "sentence";
    this.show();
  }

  /** Shows the bar if words are selected, and hides it if none are. */
  show() {
    const { bench } = this;
    const passage = bench.cursor.passage();
    const wasHidden = this.element.hidden;
    this.element.hidden = !passage || Boolean(passage.refused || bench.editor.readonly);
    if (this.element.hidden) return;
    const codings = this.#codings(passage);
    const memos = bench.memos.on([passage]);
    this.here.hidden = !codings.length && !memos.length;
    const many = codings.length === 1 ? "1 coding" : `${codings.length} codings`;
    this.here.textContent = codings.length ? many : "Memo";
    if (wasHidden) bench.cursor.scrollTo(bench.turns.range(passage.from, passage.to)); // above the bar
  }

  hide() {
    this.element.hidden = true;
  }

  #group(label, acts) {
    const group = element("div", "qc-touch-group");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", label);
    if (label !== "Select") {
      const name = element("span", "qc-touch-label", label);
      name.setAttribute("aria-hidden", "true");
      group.append(name);
    }
    for (const [text, name, act] of acts) {
      const made = button("qc-touch", text, act);
      if (name) made.setAttribute("aria-label", name);
      group.append(made);
    }
    return group;
  }

  #take(unit) {
    const { cursor, turns } = this.bench;
    const passage = cursor.passage();
    if (!passage) return;
    const at = this.#tapped === null ? passage.from : turns.offsets.toUnits(this.#tapped);
    const here = at >= passage.from && at < passage.to ? at : passage.from;
    if (unit === "word") cursor.wordAt(here);
    else if (unit === "turn") cursor.turn(turns.indexAt(here));
    // Once more takes the next one with it.
    else if (this.#unit === unit) cursor.sentence({ extend: true });
    else cursor.sentenceAt(here);
    this.#unit = unit;
    this.show();
  }

  #move(edge, step) {
    const passage = this.bench.cursor.passage();
    const moved = passage && byWord(this.bench.turns, passage, edge, step);
    if (!moved) return;
    this.bench.cursor.select(...moved);
    this.#unit = "word";
    this.show();
  }

  #codings({ start, end }) {
    return this.bench.editor.codings.overlapping(start, end);
  }

  /** Opens what lies on the words: those selected, or those tapped where nothing can be selected. */
  #look(anchor = this.bench.cursor.rect()) {
    const { bench } = this;
    const passage = bench.cursor.passage() ?? { start: this.#tapped, end: this.#tapped + 1 };
    const ids = this.#codings(passage).map(({ id }) => id);
    this.hide();
    if (ids.length) bench.windows.passage(ids, anchor);
    else bench.memos.openAt(passage.start, anchor);
  }
}
