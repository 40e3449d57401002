// Every change to the codings passes here: shown at once, sent, taken back if the server refuses.

import { Codings, subjectOf } from "./codings.js";
import { newId, shorten } from "./dom.js";
import { History } from "./history.js";
import { afterPaint, note } from "./metrics.js";
import { Kept } from "./kept.js";
import { isNote, passageOf } from "./notes.js";
import { Outbox } from "./outbox.js";

/** Acts that are about more, or less, than codings of this transcript, in words. */
const WHOLE = {
  search: "the codings of a search, in all its transcripts",
  like: "the codings of “more like this”, in all its transcripts",
  propose: "a proposed code",
  unpropose: "a proposed code",
};

export class Editor {
  codings = new Codings();
  readonly = null; // the reason, while nothing may be changed
  failure = null; // why the last refused edit was refused
  #kept = new Kept();
  #history = new History({ storage: sessionStorage });
  #transcript = null;
  #leaving = new AbortController();

  /**
   * send(payload) and answered(answer) are the outbox’s.
   * `changed()` follows every change of the codings, `waiting()` every change of the outbox, `kept()`
   * every answer that edits are in the study;
   * arrived(operations) follows an answer that proposals or a search are in the study;
   * takeSeen() gives the turns read since it was last asked, to go along with an edit;
   * `numbers` are told which codes are used.
   */
  constructor({ send, answered, waiting, ...rest }) {
    Object.assign(this, rest); // changed, kept, arrived, notices, nameOf, quoteOf, isPainted, takeSeen, numbers
    addEventListener("pagehide", () => this.#history.write(), { signal: this.#leaving.signal });
    this.outbox = new Outbox({ send, answered, changed: waiting, storage: sessionStorage });
  }

  /** Turns to a transcript; edits and steps kept from before a reload are taken up again. */
  open({ id, sha }, coder) {
    this.#transcript = { transcript: id, sha };
    this.#history.open(`${coder}:${id}:${sha}`);
    this.codings.replace([], []);
    this.codings.workOut([]);
    const stale = this.outbox.adopt(id, sha, this.quoteOf);
    if (stale.length) {
      this.#refuse(`${stale.length} unsaved edits belong to an earlier text of this transcript.`);
    }
  }

  /**
   * A full list from the server, and when it was read; gives the operations that were kept since, or
   * null where there has been a newer list. What is on the page is not painted anew.
   */
  replace({ codings, notes, as_of }) {
    if (!this.#kept.isNews(as_of)) return null;
    const { transcript } = this.#transcript;
    const since = this.#kept.missing(transcript);
    this.codings.replace(codings, notes);
    for (const operation of since) this.codings.confirm(operation);
    this.codings.workOut(this.outbox.waiting(transcript));
    return since;
  }

  /** The server's answer to what was sent. */
  settle({ ack, rejected, kept }) {
    const result = this.outbox.settle(ack, rejected);
    this.#kept.add(result.acknowledged, kept);
    for (const operation of result.acknowledged) {
      if (operation.transcript === this.#transcript.transcript) this.codings.confirm(operation);
      if (operation.made)
        note("acked", { id: operation.op_id, ms: performance.now() - operation.made });
    }
    for (const { operation, reason } of result.rejected) this.#rollBack(operation, reason);
    if (result.acknowledged.some(({ op }) => op !== "seen")) this.kept();
    const here = result.acknowledged.filter((one) => one.transcript === this.#transcript.transcript);
    if (here.some(({ op }) => WHOLE[op])) this.arrived(here);
  }

  /** Puts a code on {start, end}; gives whether it did. */
  add({ start, end }, code) {
    if (this.#refuses() || this.#isThere(start, end, code)) return false;
    const began = performance.now();
    const coding = { id: newId(), start, end, code, memo: "", uncertain: false };
    this.numbers.used(code);
    this.#carryOut([{ op: "add", coding }]);
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
    this.#carryOut([{ op: "remove", id }]);
    this.notices.announce(`Removed “${this.nameOf(coding.code)}”.`);
  }

  memo(id, memo) {
    if (!this.codings.get(id) || this.#refuses()) return;
    this.#carryOut([{ op: "memo", id, memo }]);
    this.notices.announce("Memo kept.");
  }

  /** Keeps a new memo: {about, text} with {start, end} or {code}. */
  note(fields) {
    if (this.#refuses()) return;
    this.#carryOut([{ op: "note", note: { id: newId(), ...fields } }]);
    this.notices.announce("Memo kept.");
  }

  noteText(id, text) {
    if (!this.codings.notes.get(id) || this.#refuses()) return;
    this.#carryOut([{ op: "note_text", id, text }]);
    this.notices.announce("Memo kept.");
  }

  unnote(id) {
    if (!this.codings.notes.get(id) || this.#refuses()) return;
    this.#carryOut([{ op: "unnote", id }]);
    this.notices.say("Memo removed.");
  }

  /** Marks a coding as doubtful, or lifts the mark; gives whether it is in doubt now. */
  doubt(id) {
    const coding = this.codings.get(id);
    if (!coding || this.#refuses()) return Boolean(coding?.uncertain);
    const uncertain = !coding.uncertain;
    this.#carryOut([{ op: "doubt", id, uncertain }]);
    const name = this.nameOf(coding.code);
    this.notices.say(uncertain ? `“${name}” is marked as in doubt.` : `No doubt about “${name}”.`);
    return uncertain;
  }

  /**
   * Gives a coding other words, {start, end}: the study knows this as a new coding with the same
   * code, memo and doubt in place of the old one. Gives the new one's id, or null.
   */
  move(id, { start, end }) {
    const coding = this.codings.get(id);
    if (!coding || this.#refuses() || this.#isThere(start, end, coding.code)) return null;
    const moved = { ...coding, id: newId(), start, end };
    this.#carryOut([
      { op: "add", coding: moved },
      { op: "remove", id },
    ]);
    this.notices.announce(`“${this.nameOf(coding.code)}”: ${shorten(this.quoteOf(moved), 120)}`);
    return moved.id;
  }

  /** Puts another code in the place of a coding's; gives the new one's id, or null. */
  recode(id, code) {
    const coding = this.codings.get(id);
    if (!coding || coding.code === code || this.#refuses()) return null;
    if (this.#isThere(coding.start, coding.end, code)) return null;
    // Whoever chooses the code has looked at it: it is no longer the search's.
    const changed = { ...coding, id: newId(), code, search: "" };
    this.numbers.used(code);
    this.#carryOut([
      { op: "add", coding: changed },
      { op: "remove", id },
    ]);
    this.notices.say(`“${this.nameOf(coding.code)}” is “${this.nameOf(code)}” now.`);
    return changed.id;
  }

  /** Proposes a code for {start, end}; `at_once` where it is to become one without an answer. */
  propose({ start, end }, { name, definition, isCode }) {
    if (this.#refuses()) return;
    const proposal = { id: newId(), start, end, name, definition };
    this.#carryOut([{ op: "propose", proposal, ...(isCode && { at_once: true }) }]);
    this.notices.say(isCode ? `“${name}” is a code now.` : `“${name}” is proposed to the lead.`);
  }

  takeBack(proposal) {
    if (this.#refuses()) return;
    this.#carryOut([{ op: "unpropose", id: proposal.id, proposal }]);
    this.notices.say(`“${proposal.name}” is taken back.`);
  }

  /** The page has coded what a search found: one step, taken back like any other. */
  searched({ id, like = false }) {
    if (this.#history.knows(id)) return;
    const step = (on) => [{ op: "search", id, on, like }];
    this.#history.record(step(true), step(false));
  }

  /** Tells which turns have been on the screen; nothing the coder did, so nothing is said of it. */
  seen(turns) {
    if (this.#transcript && turns.length) this.outbox.add(this.#seenAct(turns));
  }

  /** Gives the coding that was undone, if there was one. */
  undo() {
    return this.#refuses() ? null : this.#step(this.#history.undo(), "Undone", "Nothing to undo.");
  }

  redo() {
    return this.#refuses() ? null : this.#step(this.#history.redo(), "Done again", "Nothing to redo.");
  }

  close() {
    this.#leaving.abort();
    this.outbox.close();
    this.#history.write();
  }

  #step(operations, done, nothing) {
    if (!operations) {
      this.notices.say(nothing);
      return null;
    }
    const [{ op: whole }] = operations;
    if (WHOLE[whole]) {
      this.#carryOut(operations, { again: true });
      this.notices.say(`${done}: ${WHOLE[operations[0].like ? "like" : whole]}.`);
      return null;
    }
    // Another tab may have been at work: what is there already, or no longer, is left out.
    const possible = operations.filter(
      (operation) =>
        ["add", "note"].includes(operation.op) !== Boolean(this.codings.find(subjectOf(operation))),
    );
    const [first] = possible;
    const coding = first && (first.coding ?? first.note ?? this.codings.find(first.id));
    if (!coding) {
      const what = isNote(operations[0]) ? "memo" : "coding";
      this.notices.say(`That ${what} is no longer there.`);
      return null;
    }
    this.#carryOut(possible, { again: true });
    const name = coding.about ? "" : ` “${this.nameOf(coding.code)}”`;
    this.notices.say(`${done}: ${inWords(possible)}${name}.`);
    return coding;
  }

  #carryOut(operations, { again = false } = {}) {
    const back = [];
    const sent = [];
    let added = null;
    for (const operation of operations) {
      back.unshift(this.codings.inverse(operation));
      this.codings.edit(operation);
      const act = { ...operation, ...this.#transcript, op_id: newId(), made: performance.now() };
      const passage = passageOf(operation);
      if (passage) act.quote = this.quoteOf(passage);
      if (operation.op === "add") {
        added = act.op_id;
      } else if (operation.op === "propose") act.quote = this.quoteOf(operation.proposal);
      else if (added) act.after = added; // what the new one replaces goes only when that is kept
      sent.push(act);
    }
    if (!again) this.#history.record(operations, back);
    this.failure = null;
    const turns = this.takeSeen();
    if (turns.length) sent.push(this.#seenAct(turns));
    this.outbox.add(...sent);
    this.changed();
  }

  #seenAct(turns) {
    return { op: "seen", turns, ...this.#transcript, op_id: newId() };
  }

  #isThere(start, end, code) {
    if (!this.codings.same(start, end, code)) return false;
    this.notices.say(`“${this.nameOf(code)}” is already on exactly these words.`);
    return true;
  }

  #refuses() {
    if (this.readonly) this.notices.say(this.readonly);
    return Boolean(this.readonly);
  }

  #rollBack(operation, reason) {
    if (operation.op === "seen") return; // what was read is no edit: the coder need not know
    if (operation.transcript !== this.#transcript.transcript) return this.#refuse(reason);
    const id = subjectOf(operation);
    const coding = operation.coding ?? this.codings.get(id) ?? this.codings.confirmed.get(id);
    if (operation.op === "add") {
      this.outbox.drop((other) => subjectOf(other) === id || other.after === operation.op_id);
      this.numbers.forget(operation.coding.code);
    } else if (operation.op === "note") this.outbox.drop((other) => subjectOf(other) === id);
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

/** A step in the words of the notice after undo or redo. */
function inWords(operations) {
  if (operations.length > 1) return "other words for";
  return {
    add: "coding with",
    remove: "removed",
    memo: "memo on",
    doubt: "doubt about",
    note: "memo",
    note_text: "words of a memo",
    unnote: "memo removed",
  }[operations[0].op];
}
