import assert from "node:assert/strict";
import test from "node:test";

import { isReadable } from "../../qualcode/ui/coder/frontend/reading.js";

const view = { top: 100, bottom: 700 };
const box = (top, bottom) => ({ top, bottom });

test("a turn counts once half of it is in the window", () => {
  assert.equal(isReadable(box(600, 800), view), true);
  assert.equal(isReadable(box(610, 800), view), false);
  assert.equal(isReadable(box(0, 200), view), true);
  assert.equal(isReadable(box(200, 300), view), true);
});

test("a turn longer than the window counts once it fills half of it", () => {
  assert.equal(isReadable(box(-4000, 400), view), true);
  assert.equal(isReadable(box(-4000, 390), view), false);
  assert.equal(isReadable(box(-4000, 9000), view), true);
});

test("what is above or below the window does not count", () => {
  assert.equal(isReadable(box(0, 100), view), false);
  assert.equal(isReadable(box(700, 710), view), false);
});
