// Every change to the codings passes here: shown at once, sent, taken back if the server refuses.

import { Codings, History, subjectOf } from "./codings.js";
import { newId, shorten } from "./dom.js";
import { afterPaint, note } from "./metrics.js";
import { Outbox } from "./outbox.js";

export class Editor {
  codings = new Codings();
  readonly = null; // the reason, while nothing may be changed
  failure = null; // why the last refused edit was refused
  recent = [];
  #history = new History();
  #transcript = null;

  /** `changed()` follows every change of the codings, `waiting()` every change of the outbox. */
  constructor({ send, kick, changed, waiting, notices, nameOf, quoteOf, isPainted }) {
    Object.assign(this, { changed, notices, nameOf, quoteOf, isPainted });
    this.outbox = new Outbox({ send, kick, changed: waiting, storage: sessionStorage });
  }

  /** Turns to a transcript; edits kept from before a reload are taken up again. */
  open({ id, sha }) {
    this.#transcript = { transcript: id, sha };
    this.#history.clear();
    this.codings.replace([], []);
    const stale = this.outbox.adopt(id, sha, this.quoteOf);
    if (stale.length) {
      this.#refuse(`${stale.length} unsaved edits belong to an earlier text of this transcript.`);
    }
  }

  /** A full list from the server. */
  replace(list) {
    this.codings.replace(list, this.outbox.waiting(this.#transcript.transcript));
    this.changed();
  }

  /** The server's answer to what was sent. */
  settle(acknowledged, rejected) {
    const result = this.outbox.settle(acknowledged, rejected);
    for (const operation of result.acknowledged) {
      if (operation.transcript === this.#transcript.transcript) this.codings.confirm(operation);
      if (operation.made)
        note("acked", { id: operation.op_id, ms: performance.now() - operation.made });
    }
    for (const { operation, reason } of result.rejected) this.#rollBack(operation, reason);
  }

  /** Puts a code on {start, end}; gives whether it did. */
  add({ start, end }, code) {
    if (this.#refuses()) return false;
    if (this.codings.same(start, end, code)) {
      this.notices.say(`“${this.nameOf(code)}” is already on exactly these words.`);
      return false;
    }
    const began = performance.now();
    const coding = { id: newId(), start, end, code, memo: "" };
    this.recent = [code, ...this.recent.filter((other) => other !== code)].slice(0, 9);
    this.#carryOut({ op: "add", coding });
    this.notices.announce(`Coded “${this.nameOf(code)}”: ${shorten(this.quoteOf(coding), 80)}`);
    afterPaint(() =>
      note("optimistic", {
        id: coding.id,
        ms: performance.now() - began,
        visible: this.isPainted(coding),
      }),
    );
    return true;
  }

  remove(id) {
    const coding = this.codings.get(id);
    if (!coding || this.#refuses()) return;
    this.#carryOut({ op: "remove", id });
    this.notices.announce(`Removed “${this.nameOf(coding.code)}”.`);
  }

  memo(id, memo) {
    if (!this.codings.get(id) || this.#refuses()) return;
    this.#carryOut({ op: "memo", id, memo });
    this.notices.announce("Memo kept.");
  }

  undo() {
    if (!this.#refuses()) this.#step(this.#history.undo(), "Undone", "Nothing to undo.");
  }

  redo() {
    if (!this.#refuses()) this.#step(this.#history.redo(), "Done again", "Nothing to redo.");
  }

  #step(operation, done, nothing) {
    if (!operation) return this.notices.say(nothing);
    const coding = operation.coding ?? this.codings.get(operation.id);
    if (!coding) return this.notices.say("That coding is no longer there.");
    this.#carryOut(operation, { again: true });
    this.notices.say(`${done}: ${this.#inWords(operation)} “${this.nameOf(coding.code)}”.`);
  }

  #inWords(operation) {
    return { add: "coding with", remove: "removed", memo: "memo on" }[operation.op];
  }

  #carryOut(operation, { again = false } = {}) {
    const inverse = this.codings.inverse(operation);
    if (!again && inverse) this.#history.record(operation, inverse);
    this.codings.edit(operation);
    this.failure = null;
    const sent = { ...operation, ...this.#transcript, op_id: newId(), made: performance.now() };
    if (operation.op === "add") sent.quote = this.quoteOf(operation.coding);
    this.outbox.add(sent);
    this.changed();
  }

  #refuses() {
    if (this.readonly) this.notices.say(this.readonly);
    return Boolean(this.readonly);
  }

  #rollBack(operation, reason) {
    if (operation.transcript !== this.#transcript.transcript) return this.#refuse(reason);
    const id = subjectOf(operation);
    const coding = operation.coding ?? this.codings.get(id) ?? this.codings.confirmed.get(id);
    if (operation.op === "add") {
      this.outbox.drop((other) => subjectOf(other) === id);
      this.recent = this.recent.filter((code) => code !== operation.coding.code);
    }
    this.#history.forget(id);
    this.codings.workOut(this.outbox.waiting(operation.transcript));
    const passage = coding
      ? `“${this.nameOf(coding.code)}” on “${shorten(this.quoteOf(coding), 60)}”: `
      : "";
    this.#refuse(reason, passage);
    this.changed();
  }

  #refuse(reason, passage = "") {
    this.failure = reason;
    this.notices.show(`Not saved. ${passage}${reason}`, {
      kind: "failed",
      dismissed: () => {
        this.failure = null;
        this.outbox.changed();
      },
    });
  }
}
