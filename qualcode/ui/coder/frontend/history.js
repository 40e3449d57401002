// Undo and redo of one coder's own work on one transcript: without limit, and kept over reloads.
//
// A step is a list of operations and the list that takes it back. The steps lie in sessionStorage
// (ids, offsets, memos; never words of the transcript), so they belong to the tab they were made in
// and are gone when it is closed.

const WRITE_AFTER_MS = 300;

export class History {
  #done = [];
  #undone = [];
  #key = null;
  #timer = null;

  constructor({ storage, timers = globalThis }) {
    Object.assign(this, { storage, timers });
  }

  /** Turns to another text; `key` names coder, transcript and digest of the text. */
  open(key) {
    this.write();
    this.#key = `qc-undo:${key}`;
    [this.#done, this.#undone] = this.#stored();
  }

  record(operations, back) {
    this.#done.push({ operations, back });
    this.#undone = [];
    this.#writeSoon();
  }

  /** Whether a step is about this coding, proposal or search. */
  knows(id) {
    return [...this.#done, ...this.#undone].some(({ operations }) =>
      operations.some((operation) => operation.id === id),
    );
  }

  /** The operations to carry out now, or null. */
  undo() {
    const step = this.#done.pop();
    if (!step) return null;
    this.#undone.push(step);
    this.#writeSoon();
    return step.back;
  }

  redo() {
    const step = this.#undone.pop();
    if (!step) return null;
    this.#done.push(step);
    this.#writeSoon();
    return step.operations;
  }

  /** Forgets every step that would act on a coding which the server refused. */
  forget(id) {
    const touches = ({ id: own, coding, note, proposal }) =>
      [own, coding?.id, note?.id, proposal?.id].includes(id);
    const keep = ({ operations, back }) => ![...operations, ...back].some(touches);
    this.#done = this.#done.filter(keep);
    this.#undone = this.#undone.filter(keep);
    this.#writeSoon();
  }

  #writeSoon() {
    this.#timer ??= this.timers.setTimeout(() => this.write(), WRITE_AFTER_MS);
  }

  /** Keeps the steps; where storage is full the oldest half goes, as often as it takes. */
  write() {
    this.timers.clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#key) return;
    let done = this.#done;
    while (done.length || this.#undone.length) {
      try {
        this.storage.setItem(this.#key, JSON.stringify([done, this.#undone]));
        return;
      } catch {
        if (done.length < 2) return; // a private window may refuse storage
        done = done.slice(Math.ceil(done.length / 2));
      }
    }
  }

  #stored() {
    try {
      const [done, undone] = JSON.parse(this.storage.getItem(this.#key) ?? "[[], []]");
      const isStep = (step) => Array.isArray(step.operations) && Array.isArray(step.back);
      return [done.filter(isStep), undone.filter(isStep)];
    } catch {
      return [[], []];
    }
  }
}
