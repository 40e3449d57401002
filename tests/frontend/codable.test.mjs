import assert from "node:assert/strict";
import test from "node:test";

import {
  INTERVIEWER_ONLY,
  codablePart,
  fillGaps,
} from "../../qualcode/ui/coder/frontend/codable.js";

// 0–10 interviewer, 11–30 Ana, 31–40 interviewer, 41–60 Ben, 61–80 Ana
const TURNS = [
  { from: 0, to: 10, codable: false, speaker: "Interviewer" },
  { from: 11, to: 30, codable: true, speaker: "Ana" },
  { from: 31, to: 40, codable: false, speaker: "Interviewer" },
  { from: 41, to: 60, codable: true, speaker: "Ben" },
  { from: 61, to: 80, codable: true, speaker: "Ana" },
];

test("a passage within a participant's turn stays as it is", () => {
  assert.deepEqual(codablePart(TURNS, 12, 20), { from: 12, to: 20, trimmed: null });
});

test("a drag over an interviewer's turn keeps the turn where it began", () => {
  assert.deepEqual(codablePart(TURNS, 20, 50), { from: 20, to: 30, trimmed: "Ana" });
  assert.deepEqual(codablePart(TURNS, 20, 50, { backwards: true }), {
    from: 41,
    to: 50,
    trimmed: "Ben",
  });
});

test("a drag that began in an interviewer's turn keeps the participant it came to", () => {
  assert.deepEqual(codablePart(TURNS, 5, 20), { from: 11, to: 20, trimmed: "Ana" });
  assert.deepEqual(codablePart(TURNS, 20, 35, { backwards: true }), {
    from: 20,
    to: 30,
    trimmed: "Ana",
  });
});

test("neighbouring participants may be coded in one piece", () => {
  assert.deepEqual(codablePart(TURNS, 45, 70), { from: 45, to: 70, trimmed: null });
});

test("an interviewer's words alone are refused in a sentence", () => {
  assert.deepEqual(codablePart(TURNS, 2, 8), { refused: INTERVIEWER_ONLY });
  assert.deepEqual(codablePart(TURNS, 10, 11), { refused: INTERVIEWER_ONLY });
});

test("text outside every turn is shown as turns of its own", () => {
  const text = "Heading\n\nI stay late.\nThe end";
  const turn = { from: 9, to: 21, speaker: "Ana", role: "participant", at: null };
  const all = fillGaps([turn], text);
  assert.deepEqual(
    all.map(({ from, to, role }) => [text.slice(from, to), role]),
    [
      ["Heading", "other"],
      ["I stay late.", "participant"],
      ["The end", "other"],
    ],
  );
});

test("a transcript without speakers is shown line by line", () => {
  const text = "One.\n\n  \nTwo. \n";
  assert.deepEqual(
    fillGaps([], text).map(({ from, to }) => text.slice(from, to)),
    ["One.", "Two. "],
  );
});
