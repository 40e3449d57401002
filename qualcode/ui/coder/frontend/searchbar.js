// Searching in the transcript: a field over the text, the places marked, one of them after the other.

import { button, element } from "./dom.js";
import { findAll, searchable } from "./search.js";

export class SearchBar {
  hits = []; // [from, to) in UTF-16 units of the text
  #at = -1;
  #text = null; // the text in its searchable form, made when it is first needed
  #typed = "";
  #origin = 0; // where the coder was when the search began

  constructor(workbench) {
    this.bench = workbench;
    this.element = element("div", "qc-search");
    this.element.setAttribute("role", "search");
    this.element.hidden = true;
    this.input = element("input", "qc-find");
    this.input.type = "text";
    this.input.placeholder = "Search this transcript…";
    this.input.spellcheck = false;
    this.input.autocomplete = "off";
    this.input.dir = "auto";
    this.input.setAttribute("aria-label", "Search this transcript");
    this.count = element("span", "qc-search-count");
    const step = (name, text, by) => {
      const made = button("qc-button", text, () => this.step(by));
      made.setAttribute("aria-label", name);
      return made;
    };
    const close = button("qc-button", "×", () => this.close());
    close.setAttribute("aria-label", "Close the search");
    this.element.append(
      this.input,
      this.count,
      step("Previous place", "↑", -1),
      step("Next place", "↓", 1),
      button("qc-button", "All transcripts…", () => workbench.afar.search(this.input.value.trim())),
      close,
    );
    this.input.addEventListener("input", () => this.#find());
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Another transcript: what was found is no longer there. */
  reset() {
    this.#text = null;
    this.#show([]);
    this.element.hidden = true;
  }

  open() {
    const { cursor } = this.bench;
    this.#origin = cursor.position();
    this.element.hidden = false;
    this.input.focus();
    this.input.select();
    if (this.input.value) this.#find();
  }

  /** The next or previous place; after closing, with the words selected, ready to be coded. */
  step(by) {
    const { bench } = this;
    if (!this.hits.length) {
      if (!this.#typed) return this.open();
      this.#find();
      if (!this.hits.length) return bench.notices.say(`“${this.#typed}” is not in this transcript.`);
    } else this.#at = (this.#at + by + this.hits.length) % this.hits.length;
    this.#go();
    if (this.element.hidden) bench.cursor.select(...this.hits[this.#at]);
  }

  close() {
    const { cursor, painter, minimap, scroller } = this.bench;
    this.element.hidden = true;
    painter.unmark("hit-now");
    painter.setHits([]);
    minimap.setHits([]);
    scroller.focus({ preventScroll: true });
    if (this.hits[this.#at]) cursor.select(...this.hits[this.#at]);
  }

  #find() {
    const { turns } = this.bench;
    this.#typed = this.input.value.trim();
    this.#text ??= searchable(turns.text);
    this.#show(findAll(this.#text, this.#typed));
    const ahead = this.hits.findIndex(([from]) => from >= this.#origin);
    this.#at = this.hits.length ? Math.max(0, ahead) : -1;
    this.#go();
  }

  #show(hits) {
    this.hits = hits;
    this.#at = -1;
    this.bench.painter.unmark("hit-now");
    this.bench.painter.setHits(hits);
    this.bench.minimap.setHits(hits);
  }

  #go() {
    const { painter, cursor, turns, notices } = this.bench;
    const hit = this.hits[this.#at];
    const none = this.#typed ? "none" : "";
    this.count.textContent = hit ? `${this.#at + 1} of ${this.hits.length}` : none;
    notices.announce(hit ? this.count.textContent : `“${this.#typed}”: none`);
    if (!hit) return;
    if (!this.element.hidden) painter.mark("hit-now", ...hit);
    const range = turns.range(...hit);
    if (range) cursor.scrollTo(range, { middle: true });
  }

  #onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && event.target === this.input) this.step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  }
}
