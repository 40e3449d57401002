// The theme board: a Streamlit custom component (components v2), entry module.
//
// Python → browser, `data`:
//   {protocol, answer, people, topic_words, shared, readonly,
//    codes: [{id, name, color, codable, groups: [id], people: [n], places: [n], codings}],
//    themes: [{id, name, parent, state, version, codes: [id], people: [n], places: [n], claims,
//              divergent}],
//    candidates: [{number, label, people, passages}], ack: [op_id], rejected: [{op_id, reason}],
//    undo: what would be taken back, or "", said: what was, trouble}
//   `people` and `places` of a code are numbers that stand for participants and their turns, so
//   that a theme's counts can be made here.
// Browser → Python, triggers:
//   "ops"   {ops: [{op_id, op: "place", code, source, target, beside, seen}
//            | {op_id, op: "order", theme, parent, before, seen}
//            | {op_id, op: "rename", theme, name, seen} | {op_id, op: "new", id, name, parent}
//            | {op_id, op: "undo"}]}; `seen` are the versions of the themes that it touches
//   "wish"  {what: "open" | "merge" | "split" | "drop" | "back" | "candidate", theme, candidate}:
//           what a window of the page asks for

import { Board } from "./room.js";

const boards = new WeakMap(); // the element Streamlit gives us → its Board

export default function ({ data, parentElement, setTriggerValue }) {
  let board = boards.get(parentElement);
  if (!board) {
    board = new Board(parentElement);
    boards.set(parentElement, board);
  }
  if (data?.themes) board.update(data, setTriggerValue);

  // Streamlit 1.67 also calls this for a call that a newer update overtook while it was loading,
  // with the element still on the page. Tear down only what has really left it.
  return () =>
    setTimeout(() => {
      if (parentElement.isConnected || boards.get(parentElement) !== board) return;
      boards.delete(parentElement);
      board.destroy();
    });
}
