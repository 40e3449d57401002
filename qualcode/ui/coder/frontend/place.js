// Where the coder is reading: kept while the words change their size or the page its width, over a
// reload, and until tomorrow. A place is a position in the text and how far below the top it stands.

const REMEMBER_MS = 120;
const BELOW_TOP = 12; // px: the first line that is wholly on the screen

export class Place {
  #at = null; // {position, below}
  #wanted = null; // the place to go back to, once the page is high enough
  #put = NaN; // where the scroll was put from here
  #key = null;
  #timer = null;
  #listening = new AbortController();

  constructor(turns, scroller) {
    Object.assign(this, { turns, scroller });
    const soon = () => {
      const isOwn = Math.abs(scroller.scrollTop - this.#put) <= 1;
      if (!isOwn) this.#at = null; // an old place must not pull the coder back
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#remember(), REMEMBER_MS);
    };
    scroller.addEventListener("scroll", soon, { signal: this.#listening.signal, passive: true });
  }

  /** Turns to a text; `name` tells coder, transcript and digest of the text. */
  open(name) {
    clearTimeout(this.#timer);
    this.#key = `qc-scroll:${name}`;
    this.#at = null;
    this.scroller.scrollTop = 0;
    this.#wanted = this.#kept();
    this.#goBack();
  }

  /** Something is about to move the words; `resized` follows. */
  fix() {
    this.#remember();
  }

  /** The words have moved, or the page has become higher: the same ones are brought back. */
  resized() {
    if (this.#wanted) this.#goBack();
    else if (this.#at) this.#to(this.#at);
  }

  /** The coder goes elsewhere: where they were reading no longer matters. */
  forget() {
    this.#wanted = null;
  }

  destroy() {
    clearTimeout(this.#timer);
    this.#listening.abort();
  }

  #goBack() {
    if (this.#wanted && this.#to(this.#wanted)) this.#wanted = null;
  }

  /** Gives whether the page was high enough to bring the place where it was. */
  #to({ position, below }) {
    const box = this.turns.range(position, position + 1)?.getBoundingClientRect();
    if (!box) return true;
    const way = box.top - this.scroller.getBoundingClientRect().top - below;
    const there = this.scroller.scrollTop + way;
    const { scrollHeight, clientHeight } = this.scroller;
    if (Math.abs(way) >= 1) this.scroller.scrollTop = there;
    this.#put = this.scroller.scrollTop;
    return there <= scrollHeight - clientHeight + 1;
  }

  #remember() {
    clearTimeout(this.#timer);
    if (this.#wanted || !this.#key || !this.scroller.isConnected) return;
    this.#at = this.scroller.scrollTop > 0 ? this.#find() : null;
    this.#keep();
  }

  /** The first position on the screen. */
  #find() {
    const { top } = this.scroller.getBoundingClientRect();
    const { list } = this.turns;
    let low = 0;
    let high = list.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle].row.getBoundingClientRect().bottom > top + BELOW_TOP) high = middle;
      else low = middle + 1;
    }
    const turn = list[low];
    if (!turn || turn.to <= turn.from) return null;
    const box = turn.body.getBoundingClientRect();
    const across = box.left + box.width / 2;
    const at = this.turns.positionFromPoint(across, Math.max(top, box.top) + BELOW_TOP);
    const isInside = at !== null && at >= turn.from && at < turn.to;
    const position = isInside ? at : turn.from;
    const line = this.turns.range(position, position + 1).getBoundingClientRect();
    return { position, below: line.top - top };
  }

  #kept() {
    try {
      const kept = sessionStorage.getItem(this.#key) ?? localStorage.getItem(this.#key);
      const [position, below] = JSON.parse(kept ?? "[]");
      return Number.isFinite(position) && Number.isFinite(below) ? { position, below } : null;
    } catch {
      return null;
    }
  }

  #keep() {
    const kept = JSON.stringify(this.#at ? [this.#at.position, Math.round(this.#at.below)] : []);
    try {
      sessionStorage.setItem(this.#key, kept); // each tab has its own …
      localStorage.setItem(this.#key, kept); // … and a new one begins where the last one was
    } catch {
      // A private window may refuse storage.
    }
  }
}
