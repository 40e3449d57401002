// On paper the bars beside the text would not follow the breaks of the pages: each turn gets the
// names of its codes beside it instead, for as long as the page is printed.

import { element, safeColor } from "./dom.js";

export class Printing {
  #made = [];
  #listening = new AbortController();

  /** what() gives {title, turns, codings, codes, notes}: codings in their order, codes by id. */
  constructor(what) {
    this.what = what;
    const options = { signal: this.#listening.signal };
    addEventListener("beforeprint", () => this.#begin(), options);
    addEventListener("afterprint", () => this.#end(), options);
  }

  destroy() {
    this.#end();
    this.#listening.abort();
  }

  #begin() {
    this.#end();
    const { title, turns, codings, codes, notes } = this.what();
    const heading = element("h1", "qc-print-title", title);
    turns.element.prepend(heading);
    this.#made.push(heading);
    const lists = new Map(); // index of a turn → the list beside it
    for (const { text } of notes.filter(({ about }) => about === "transcript")) {
      this.#made.push(element("p", "qc-print-memo", text));
      heading.after(this.#made.at(-1));
    }
    for (const coding of codings) {
      const [first] = turns.piecesOf(coding);
      if (!first) continue;
      if (!lists.has(first.index)) lists.set(first.index, element("ul", "qc-print-codes"));
      const code = codes.get(coding.code);
      const name = `${code?.name ?? "Unknown code"}${coding.uncertain ? " ?" : ""}`;
      const item = element("li", "", name);
      item.style.setProperty("--qc-code", safeColor(code?.color));
      if (coding.memo) item.append(element("span", "qc-print-memo", coding.memo));
      lists.get(first.index).append(item);
    }
    for (const note of notes.filter(({ about }) => about === "passage")) {
      const [first] = turns.piecesOf(note);
      if (!first) continue;
      if (!lists.has(first.index)) lists.set(first.index, element("ul", "qc-print-codes"));
      const item = element("li", "", "Memo");
      item.append(element("span", "qc-print-memo", note.text));
      lists.get(first.index).append(item);
    }
    for (const [index, list] of lists) {
      turns.list[index].row.append(list);
      this.#made.push(list);
    }
  }

  #end() {
    for (const made of this.#made.splice(0)) made.remove();
  }
}
