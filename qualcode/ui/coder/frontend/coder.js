// The coding surface: a Streamlit custom component (components v2), entry module.
//
// Python → browser, `data`:
//   {protocol, answer, me, edits: the address that takes edits,
//    doc: {id, sha, title, code_interviewer,
//          text?, turns?: [{start, end, speaker, role: "participant" | "interviewer" | "other", at}],
//          seen?: [number of a turn]},
//    codes: [{id, name, path, color, brief, full, when_to_use, when_not_to_use, codable, retired}],
//    codings?: [{id, start, end, code, memo, uncertain, search}],
//    notes?: [{id, about: "passage" | "transcript" | "code", text, start?, end?, code?}],
//    proposals?: [{id, start, end, name, definition, state, answer}], propose: "proposal" | "code",
//    goto?: {id, transcript, start, end}, searched?: {id, codings}, as_of?: {run, at},
//    look?: id of a coding or memo to be shown, readonly, readonly_reason}
//   `text` and `turns` come with a run of the whole page, `codings` with that and on request.
// Browser → Python, trigger:
//   "need_snapshot"  {transcript, sha, text}: send the codings, and the text too if `text`
// Browser → server, request (posting.js):
//   {coder, transcript, sha, ops: [{op_id, op: "add", coding: {id, start, end, code, memo, uncertain}, quote}
//     | {op_id, op: "remove", id} | {op_id, op: "memo", id, memo} | {op_id, op: "doubt", id, uncertain}
//     | {op_id, op: "note", note, quote?} | {op_id, op: "note_text", id, text} | {op_id, op: "unnote", id}
//     | {op_id, op: "seen", turns} | {op_id, op: "search", id, on}
//     | {op_id, op: "propose", proposal, quote, at_once} | {op_id, op: "unpropose", id}]}
//   → {ack: [op_id], rejected: [{op_id, reason}], trouble, stale, kept: {run, at}}
// Offsets count Unicode code points and exclude the end. docs/coding-protocol.md says why each piece
// is as it is.
//
// bundle.py puts these modules together into one file; docs/coding-protocol.md, “Files of one version”,
// says which forms of import and export that knows.

import { Workbench } from "./workbench.js";

const workbenches = new WeakMap(); // the element Streamlit gives us → its Workbench

export default function ({ data, parentElement, setTriggerValue }) {
  let workbench = workbenches.get(parentElement);
  if (!workbench) {
    workbench = new Workbench(parentElement);
    workbenches.set(parentElement, workbench);
  }
  if (data?.doc) workbench.update(data, setTriggerValue);

  // Streamlit 1.67 also calls this for a call that a newer update overtook while it was loading,
  // with the element still on the page. Tear down only what has really left it.
  return () =>
    setTimeout(() => {
      if (parentElement.isConnected || workbenches.get(parentElement) !== workbench) return;
      workbenches.delete(parentElement);
      workbench.destroy();
    });
}
