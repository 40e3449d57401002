// The codings of this coder on the open transcript.
//
// `confirmed` is what the server is known to hold, `shown` is that with every edit still on its
// way. A refused edit is undone by working out `shown` again without it.

import { applyNote, inverseNote, isNote } from "./notes.js";

/** Carries out one operation on a map of codings by id. */
export function applyTo(codings, operation) {
  if (operation.op === "add") {
    codings.set(operation.coding.id, operation.coding);
  } else if (operation.op === "remove") {
    codings.delete(operation.id);
  } else if (operation.op === "memo" || operation.op === "doubt") {
    const coding = codings.get(operation.id);
    const { memo, uncertain } = { ...coding, ...operation };
    if (coding) codings.set(coding.id, { ...coding, memo, uncertain });
  } else if (operation.op === "search" && !operation.on) {
    for (const { id, search } of [...codings.values()])
      if (search === operation.id) codings.delete(id);
  } // a search put back brings its codings from the server
}

/** The coding or memo an operation is about. */
export function subjectOf(operation) {
  return (operation.coding ?? operation.note ?? operation.proposal ?? operation).id; // none for “seen”
}

export class Codings {
  confirmed = new Map();
  shown = new Map();
  confirmedNotes = new Map(); // memos on passages, the interview and codes, likewise
  notes = new Map();

  /** Takes a full list from the server; `workOut` lays over it what is still on its way. */
  replace(list, notes = []) {
    this.confirmed = new Map(list.map((coding) => [coding.id, coding]));
    this.confirmedNotes = new Map(notes.map((note) => [note.id, note]));
  }

  edit(operation) {
    if (isNote(operation)) applyNote(this.notes, operation);
    else applyTo(this.shown, operation);
  }

  confirm(operation) {
    if (isNote(operation)) applyNote(this.confirmedNotes, operation);
    else applyTo(this.confirmed, operation);
  }

  workOut(pending) {
    this.shown = new Map(this.confirmed);
    this.notes = new Map(this.confirmedNotes);
    for (const operation of pending) this.edit(operation);
  }

  get(id) {
    return this.shown.get(id);
  }

  /** The coding or memo of this id. */
  find(id) {
    return this.shown.get(id) ?? this.notes.get(id);
  }

  get size() {
    return this.shown.size;
  }

  /** What takes an operation back, given the codings before it; null where there is nothing to do. */
  inverse(operation) {
    if (isNote(operation)) return inverseNote(this.notes, operation);
    if (operation.op === "add") return { op: "remove", id: operation.coding.id };
    const { id, proposal } = operation;
    if (operation.op === "search") return { ...operation, on: !operation.on };
    if (operation.op === "propose") return { op: "unpropose", id: proposal.id, proposal };
    if (operation.op === "unpropose") return { op: "propose", proposal };
    const coding = this.shown.get(operation.id);
    if (!coding) return null;
    if (operation.op === "remove") return { op: "add", coding };
    if (operation.op === "doubt")
      return { op: "doubt", id: coding.id, uncertain: Boolean(coding.uncertain) };
    return { op: "memo", id: coding.id, memo: coding.memo ?? "" };
  }

  /** The coding with this code on exactly these characters, if there is one. */
  same(start, end, code) {
    for (const coding of this.shown.values()) {
      if (coding.start === start && coding.end === end && coding.code === code) return coding;
    }
    return null;
  }

  overlapping(start, end) {
    return this.inOrder().filter((coding) => coding.start < end && coding.end > start);
  }

  inOrder() {
    return [...this.shown.values()].sort(
      (one, other) =>
        one.start - other.start || other.end - one.end || (one.id < other.id ? -1 : 1),
    );
  }
}
