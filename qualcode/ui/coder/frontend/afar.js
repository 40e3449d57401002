// What reaches the surface from elsewhere on the page: a place to go to, a search whose hits were
// coded; and what it asks of the page: a search over all transcripts.

/** Takes each arrival once; Python repeats it, since an update can be overtaken by a newer one. */
export class Afar {
  #taken = new Set();

  constructor(workbench) {
    this.bench = workbench;
  }

  take({ goto, searched, doc }) {
    if (goto && goto.transcript === doc.id && this.#isNew(`goto:${goto.id}`)) this.goTo(goto);
    if (searched && this.#isNew(`search:${searched.id}`)) {
      this.bench.editor.searched(searched);
      const many = searched.codings === 1 ? "1 passage is" : `${searched.codings} passages are`;
      this.bench.notices.say(`${many} coded. Undo takes them back all together.`);
    }
  }

  #isNew(name) {
    if (this.#taken.has(name)) return false;
    this.#taken.add(name);
    return true;
  }

  /** Brings the words into view, selected and ready to be coded. */
  goTo({ start, end }) {
    const { turns, cursor, scroller, place, notices } = this.bench;
    const range = turns.rangeOf({ start, end });
    if (!range) return;
    place.forget();
    scroller.focus({ preventScroll: true });
    cursor.select(turns.offsets.toUnits(start), turns.offsets.toUnits(end));
    cursor.scrollTo(range, { middle: true });
    notices.announce(`At: ${turns.quoteOf({ start, end })}`);
  }

  /** Opens the page's search over the transcripts, with these words in it. */
  search(words) {
    globalThis.__qc_kick?.({ find: words });
  }
}
