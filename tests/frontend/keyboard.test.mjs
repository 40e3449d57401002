import assert from "node:assert/strict";
import test from "node:test";

import { SHORTCUTS, commandFor, isPlainKey } from "../../qualcode/ui/coder/frontend/keyboard.js";

const press = (key, more = {}) => ({
  key,
  code: "",
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
});

test("keys ask for what the help says", () => {
  assert.deepEqual(commandFor(press("ArrowRight", { shiftKey: true })), {
    name: "word",
    step: 1,
    extend: true,
  });
  assert.deepEqual(commandFor(press("ArrowUp", { ctrlKey: true })), {
    name: "turn",
    step: -1,
    extend: false,
  });
  assert.deepEqual(commandFor(press("Z", { ctrlKey: true, shiftKey: true })), { name: "redo" });
  assert.deepEqual(commandFor(press("z", { metaKey: true })), { name: "undo" });
  assert.deepEqual(commandFor(press("3")), { name: "quick", number: 3 });
});

test("other people's shortcuts are left alone", () => {
  assert.equal(commandFor(press("s", { ctrlKey: true })), null);
  assert.equal(commandFor(press("ArrowLeft", { altKey: true })), null);
  assert.equal(commandFor(press("0")), null);
  assert.equal(commandFor(press("F5")), null);
});

test("letters work on a keyboard of another script, brackets with AltGr", () => {
  assert.deepEqual(commandFor(press("ы", { code: "KeyS" })), { name: "sentence", extend: false });
  assert.deepEqual(commandFor(press("ש", { code: "KeyA" })), null);
  assert.deepEqual(commandFor(press("]", { ctrlKey: true, altKey: true })), {
    name: "coding",
    step: 1,
  });
});

test("Streamlit's own R and C are plain keys, which the coder keeps to itself", () => {
  assert.ok(isPlainKey(press("r")) && isPlainKey(press("C", { shiftKey: true })));
  assert.ok(!isPlainKey(press("c", { ctrlKey: true })) && !isPlainKey(press("Tab")));
});

test("number keys work on a keyboard that writes digits with Shift", () => {
  assert.deepEqual(commandFor(press("&", { code: "Digit1" })), { name: "quick", number: 1 });
  assert.deepEqual(commandFor(press("é", { code: "Digit2" })), { name: "quick", number: 2 });
  assert.deepEqual(commandFor(press("٣", { code: "Digit3" })), { name: "quick", number: 3 });
  assert.equal(commandFor(press("!", { code: "Digit1", shiftKey: true })), null);
  assert.deepEqual(commandFor(press("/", { code: "Digit7", shiftKey: true })), { name: "search" });
});

test("codings are stepped through without brackets too", () => {
  assert.deepEqual(commandFor(press("j")), { name: "coding", step: 1 });
  assert.deepEqual(commandFor(press("k")), { name: "coding", step: -1 });
  assert.deepEqual(commandFor(press("х", { code: "BracketLeft" })), { name: "coding", step: -1 });
  assert.deepEqual(commandFor(press("د", { code: "BracketRight" })), { name: "coding", step: 1 });
});

test("no two lines of the help name the same keys for the same thing", () => {
  const lines = SHORTCUTS.flatMap(({ keys: all }) => all.map(({ does }) => does));
  assert.equal(new Set(lines).size, lines.length);
});
