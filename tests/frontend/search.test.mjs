import assert from "node:assert/strict";
import test from "node:test";

import { findAll, searchable } from "../../qualcode/ui/coder/frontend/search.js";

const words = (text, typed) =>
  findAll(searchable(text), typed).map(([from, to]) => text.slice(from, to));

test("capitals and accents do not matter, the words found are those of the text", () => {
  assert.deepEqual(words("Café, cafe\u0301 and CAFE.", "cafe"), ["Café", "cafe\u0301", "CAFE"]);
  assert.deepEqual(words("I stay late. I STAY.", "i stay"), ["I stay", "I STAY"]);
});

test("after an emoji the places are still right", () => {
  assert.deepEqual(words("👩🏽\u200d⚕️ says no, 🙂 no.", "no"), ["no", "no"]);
  assert.deepEqual(words("é🙂 late", "late"), ["late"]);
});

test("Chinese, Arabic and Turkish capitals are found", () => {
  assert.deepEqual(words("我常常加班到很晚。", "加班"), ["加班"]);
  assert.deepEqual(words("أبقى متأخراً", "متأخرا"), ["متأخراً"]);
  assert.deepEqual(words("İstanbul", "istanbul"), ["İstanbul"]);
});

test("places do not overlap, and nothing is found for nothing", () => {
  assert.deepEqual(findAll(searchable("aaaa"), "aa"), [
    [0, 2],
    [2, 4],
  ]);
  assert.deepEqual(findAll(searchable("late"), "  "), []);
  assert.deepEqual(findAll(searchable("late"), "early"), []);
});
