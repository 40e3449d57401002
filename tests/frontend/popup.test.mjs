// Where a window beside a passage goes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { sideOf } from "../../qualcode/ui/coder/frontend/popup.js";

test("below where there is room, above where there is not", () => {
  assert.deepEqual(sideOf({ top: 100, bottom: 120 }, 300, 760), { isAbove: false, most: 626 });
  assert.equal(sideOf({ top: 600, bottom: 620 }, 300, 760).isAbove, true);
});

test("with room on neither side it takes the larger one and leaves the words in sight", () => {
  const { isAbove, most } = sideOf({ top: 325, bottom: 345 }, 460, 760);
  assert.equal(isAbove, false);
  assert.ok(345 + 6 + most <= 760 - 8);
});

test("on a very low screen it stays of use", () => {
  assert.equal(sideOf({ top: 90, bottom: 110 }, 460, 200).most, 200);
});
