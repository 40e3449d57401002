import assert from "node:assert/strict";
import test from "node:test";

import {
  Offsets,
  sentencesIn,
  snapToGraphemes,
  trimSpace,
  wordsIn,
} from "../../qualcode/ui/coder/frontend/offsets.js";

const TEXTS = {
  plain: "I stay late.",
  "an emoji at each end": "😀 laughed 😀",
  "joined emoji": "a 👩🏽‍⚕️ said, 👨‍👩‍👧 left",
  "combining marks": "cafe\u0301 n\u0303o e\u0301tude",
  Arabic: "قالت: أعمل حتى وقت متأخر 😀 كل يوم",
  Hebrew: "אני נשארת עד מאוחר",
  Chinese: "我每天都待到很晚。𠮷野家也是。",
  "mathematical letters": "𝒳𝒴 marks 𝒵",
};

for (const [name, text] of Object.entries(TEXTS)) {
  test(`code points and UTF-16 units agree with the language: ${name}`, () => {
    const offsets = new Offsets(text);
    const characters = Array.from(text);
    assert.equal(offsets.length, characters.length);
    let units = 0;
    characters.forEach((character, points) => {
      assert.equal(offsets.toUnits(points), units);
      assert.equal(offsets.toPoints(units), points);
      units += character.length;
    });
    assert.equal(offsets.toUnits(characters.length), text.length);
    assert.equal(offsets.toPoints(text.length), characters.length);
  });
}

test("a lone surrogate counts as one character, as in Python", () => {
  const offsets = new Offsets("a\ud83d b😀");
  assert.equal(offsets.length, 5);
  assert.equal(offsets.toUnits(4), 4);
});

test("a quotation cut by code points is the quotation cut by units", () => {
  const text = TEXTS["joined emoji"];
  const offsets = new Offsets(text);
  const quote = Array.from(text).slice(2, 6).join("");
  assert.equal(text.slice(offsets.toUnits(2), offsets.toUnits(6)), quote);
});

test("a selection inside a joined emoji takes the whole of it", () => {
  const text = "a 👩🏽‍⚕️ b";
  const end = text.indexOf(" b");
  for (let from = 2; from < end; from++) {
    for (let to = from + 1; to <= end; to++) {
      assert.deepEqual(snapToGraphemes(text, from, to), [2, end]);
    }
  }
});

test("a selection never parts a letter from its accent, nor the halves of a flag", () => {
  assert.deepEqual(snapToGraphemes("cafe\u0301 au", 0, 4), [0, 5]);
  assert.deepEqual(snapToGraphemes("cafe\u0301 au", 4, 6), [3, 6]);
  assert.deepEqual(snapToGraphemes("🇩🇪🇫🇷", 4, 6), [4, 8]);
  assert.deepEqual(snapToGraphemes("🇩🇪🇫🇷", 2, 4), [0, 4]);
});

test("what lies between characters already stays as it is", () => {
  assert.deepEqual(snapToGraphemes("I stay late.", 2, 6), [2, 6]);
  assert.deepEqual(snapToGraphemes("abc", 0, 3), [0, 3]);
  assert.deepEqual(snapToGraphemes("abc", 2, 2), [2, 2]);
});

test("white space at both ends is left out, of every kind", () => {
  assert.deepEqual(trimSpace("  I stay \n", 0, 10), [2, 8]);
  assert.deepEqual(trimSpace("\u00a0x\u3000", 0, 3), [1, 2]);
  const [from, to] = trimSpace("   ", 0, 3);
  assert.equal(from, to);
});

test("words are found in every script, without the punctuation around them", () => {
  const cut = (text) => wordsIn(text).map(([from, to]) => text.slice(from, to));
  assert.deepEqual(cut("“So,” she said."), ["So", "she", "said"]);
  assert.deepEqual(cut("أعمل كل يوم."), ["أعمل", "كل", "يوم"]);
  assert.ok(cut("我每天都待到很晚。").length > 2);
  assert.deepEqual(cut("… — …"), ["…", "—", "…"]);
});

test("sentences come without the space between them", () => {
  const text = "I stay late. Nobody asks me to!  Why?";
  assert.deepEqual(
    sentencesIn(text).map(([from, to]) => text.slice(from, to)),
    ["I stay late.", "Nobody asks me to!", "Why?"],
  );
  assert.equal(sentencesIn("我每天都待到很晚。没有人要求。").length, 2);
});
