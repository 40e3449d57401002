import assert from "node:assert/strict";
import test from "node:test";

import { findCodes, indexed } from "../../qualcode/ui/coder/frontend/finding.js";
import { commandFor, isPlainKey } from "../../qualcode/ui/coder/frontend/keyboard.js";

const CODES = [
  { id: "1", name: "Distrust", path: "Relations", brief: "No trust." },
  { id: "2", name: "Trust in the mentor", path: "Relations", brief: "Relying on somebody." },
  { id: "3", name: "Time", path: "Work load", brief: "Hours, shifts." },
  { id: "4", name: "Résumé", path: "Work load", when_to_use: "A curriculum vitae is named." },
].map(indexed);

const found = (typed) => findCodes(CODES, typed).map((code) => code.id);

test("the beginning of a name comes before its middle, and a name before a rule", () => {
  assert.deepEqual(found("trust"), ["2", "1"]);
  assert.deepEqual(found("mentor"), ["2"]);
  assert.deepEqual(found("hours"), ["3"]);
  assert.deepEqual(found("curriculum"), ["4"]);
});

test("several words narrow down, accents and capitals do not matter", () => {
  assert.deepEqual(found("work TIME"), ["3"]);
  assert.deepEqual(found("resume"), ["4"]);
  assert.deepEqual(found("nothing like it"), []);
  assert.deepEqual(found("  "), ["1", "2", "3", "4"]);
});

test("a code without a path or a rule is found by its name", () => {
  assert.deepEqual(
    findCodes([indexed({ id: "x", name: "Bare" })], "bar").map((code) => code.id),
    ["x"],
  );
});

test("of codes found alike the one used more often comes first", () => {
  const uses = new Map([["3", 4]]);
  assert.deepEqual(found("work"), ["3", "4"]);
  assert.deepEqual(
    findCodes(CODES, "work", new Map([["4", 2]])).map((code) => code.id),
    ["4", "3"],
  );
  assert.deepEqual(
    findCodes(CODES, "trust", uses).map((code) => code.id),
    ["2", "1"],
  );
});

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
