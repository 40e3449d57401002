// Which participant turns have been on the coder's screen long enough to be read.
//
// A turn counts once half of it, or as much of it as fills half of the text's window, has been
// there for a second while the tab was to be seen. Where each turn lies is asked only for turns on
// the screen that do not count yet, and only while there are any.

const LONG_ENOUGH_MS = 1000;
const LOOK_MS = 250;
const TELL_MS = 4000;

/** Whether enough of a box is inside a view; both {top, bottom} in px. */
export function isReadable(box, view) {
  const seen = Math.min(box.bottom, view.bottom) - Math.max(box.top, view.top);
  if (seen <= 0) return false;
  return seen >= (box.bottom - box.top) / 2 || seen >= (view.bottom - view.top) / 2;
}

export class Reading {
  paused = true; // while nothing may be changed, nothing is told either
  #waiting = new Map(); // row → its turn, for participant turns that do not count yet
  #onScreen = new Map(); // turn → since when enough of it is there, or null
  #fresh = []; // numbers of turns that count and are not told yet
  #watcher;
  #looking = null;
  #telling = null;
  #listening = new AbortController();

  /** tell(numbers) hands over what has been read, after some seconds at most. */
  constructor(turns, scroller, { tell }) {
    Object.assign(this, { turns, scroller, tell });
    this.#watcher = new IntersectionObserver((entries) => this.#moved(entries), { root: scroller });
    document.addEventListener(
      "visibilitychange",
      () => document.visibilityState === "hidden" && this.hand(),
      { signal: this.#listening.signal },
    );
  }

  /** Starts anew on the turns of another transcript. */
  watch() {
    this.#watcher.disconnect();
    this.#waiting.clear();
    this.#onScreen.clear();
    this.#fresh = [];
    for (const turn of this.turns.list) {
      if (turn.role !== "participant" || turn.number === undefined) continue;
      this.#waiting.set(turn.row, turn);
      this.#watcher.observe(turn.row);
    }
  }

  /** The study knows these numbers already. */
  known(numbers) {
    const seen = new Set(numbers);
    for (const turn of [...this.#waiting.values()]) if (seen.has(turn.number)) this.#leave(turn);
  }

  /** Gives the numbers not told yet, to go along with something else. */
  take() {
    clearTimeout(this.#telling);
    this.#telling = null;
    return this.#fresh.splice(0);
  }

  /** Tells at once what has been read so far. */
  hand() {
    const numbers = this.take();
    if (numbers.length) this.tell(numbers);
  }

  destroy() {
    this.hand();
    this.#watcher.disconnect();
    this.#listening.abort();
    clearInterval(this.#looking);
  }

  #moved(entries) {
    for (const { target, isIntersecting } of entries) {
      const turn = this.#waiting.get(target);
      if (!turn) continue;
      if (!isIntersecting) this.#onScreen.delete(turn);
      else if (!this.#onScreen.has(turn)) this.#onScreen.set(turn, null);
    }
    if (this.#onScreen.size) this.#looking ??= setInterval(() => this.#look(), LOOK_MS);
  }

  #look() {
    if (!this.#onScreen.size) {
      clearInterval(this.#looking);
      this.#looking = null;
      return;
    }
    const isAway = this.paused || document.visibilityState !== "visible";
    const view = this.scroller.getBoundingClientRect();
    const now = performance.now();
    for (const [turn, since] of this.#onScreen) {
      if (isAway || !isReadable(turn.row.getBoundingClientRect(), view))
        this.#onScreen.set(turn, null);
      else if (since === null) this.#onScreen.set(turn, now);
      else if (now - since >= LONG_ENOUGH_MS) this.#count(turn);
    }
  }

  #count(turn) {
    this.#leave(turn);
    this.#fresh.push(turn.number);
    this.#telling ??= setTimeout(() => this.hand(), TELL_MS);
  }

  #leave(turn) {
    this.#waiting.delete(turn.row);
    this.#onScreen.delete(turn);
    this.#watcher.unobserve(turn.row);
  }
}
