// A coder's memos beside the codings: on a passage, on the interview, on a code.
//
// Each is {id, about: "passage" | "transcript" | "code", text} with {start, end} or {code}. One on a
// coding is the coding's own and not among these.

const NOTE_ACTS = new Set(["note", "note_text", "unnote"]);

export const PLACE = "·note"; // stands for a code where the words of a memo are painted

export function isNote({ op }) {
  return NOTE_ACTS.has(op);
}

/** Carries out one act on a map of memos by id. */
export function applyNote(notes, operation) {
  if (operation.op === "note") notes.set(operation.note.id, operation.note);
  else if (operation.op === "unnote") notes.delete(operation.id);
  else if (notes.has(operation.id)) {
    notes.set(operation.id, { ...notes.get(operation.id), text: operation.text });
  }
}

/** What takes an act back, given the memos before it; null where there is nothing to do. */
export function inverseNote(notes, operation) {
  if (operation.op === "note") return { op: "unnote", id: operation.note.id };
  const note = notes.get(operation.id);
  if (!note) return null;
  if (operation.op === "unnote") return { op: "note", note };
  return { op: "note_text", id: note.id, text: note.text };
}

/** The passage that an act puts something on, or null: its words go along to the study. */
export function passageOf(operation) {
  if (operation.op === "add") return operation.coding;
  if (operation.op === "propose") return operation.proposal;
  return operation.op === "note" && operation.note.about === "passage" ? operation.note : null;
}

/** Everything on a passage that carries a memo, in the order of the text: [{id, start, end, isNote}]. */
export function withMemos(codings, notes) {
  const found = [
    ...codings.filter(({ memo }) => memo?.trim()),
    ...notes.filter(({ about }) => about === "passage").map((note) => ({ ...note, isNote: true })),
  ];
  return found.sort(
    (one, other) =>
      one.start - other.start || other.end - one.end || (one.id < other.id ? -1 : 1),
  );
}

/** The one after (step 1) or before (-1) the one of id `at`, or else the place `here`; around the end. */
export function nextMemo(found, { at, here, step }) {
  if (!found.length) return null;
  const index = found.findIndex(({ id }) => id === at);
  if (index >= 0) return found[(index + step + found.length) % found.length];
  const next =
    step > 0
      ? found.find(({ start }) => start >= here)
      : found.findLast(({ start }) => start < here);
  return next ?? found.at(step > 0 ? 0 : -1);
}
