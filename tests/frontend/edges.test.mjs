import assert from "node:assert/strict";
import test from "node:test";

import { byWord } from "../../qualcode/ui/coder/frontend/edges.js";
import { wordsIn } from "../../qualcode/ui/coder/frontend/offsets.js";

/** Turns as {list, words, indexAt} over lines of text; those with a colon first are not codable. */
function turnsOf(...lines) {
  let from = 0;
  const list = lines.map((line) => {
    const turn = { from, to: from + line.length, codable: !line.startsWith(":"), line };
    from += line.length + 1;
    return turn;
  });
  return {
    list,
    words: (index) =>
      wordsIn(list[index].line).map((word) => word.map((at) => at + list[index].from)),
    indexAt: (position) => list.findLastIndex((turn) => turn.from <= position),
  };
}

const text = ["I stay late, most days.", "And 早上好 too.", ":Why?", "So."];
const all = text.join("\n");
const turns = turnsOf(...text);
const of = (words) => ({ from: all.indexOf(words), to: all.indexOf(words) + words.length });
const moved = (words, edge, step) => {
  const found = byWord(turns, of(words), edge, step);
  return found && all.slice(...found);
};

test("the end goes to the next word and back", () => {
  assert.equal(moved("stay", "to", 1), "stay late");
  assert.equal(moved("stay late", "to", -1), "stay");
  assert.equal(moved("stay late,", "to", 1), "stay late, most");
});

test("the beginning goes to the word before and forward", () => {
  assert.equal(moved("stay", "from", -1), "I stay");
  assert.equal(moved("I stay", "from", 1), "stay");
});

test("one word stays", () => {
  assert.equal(moved("stay", "to", -1), null);
  assert.equal(moved("stay", "from", 1), null);
  assert.equal(moved("I", "to", -1), null);
});

test("a neighbouring participant\u2019s turn can be taken in, an interviewer\u2019s cannot", () => {
  assert.equal(moved("most days.", "to", 1), "most days.\nAnd");
  assert.equal(moved("too", "to", 1), null);
  assert.equal(moved("So", "from", -1), null);
});

test("Chinese goes by words too", () => {
  assert.equal(moved("And 早上", "to", 1), "And 早上好");
});
