import assert from "node:assert/strict";
import test from "node:test";

import { findCodes, indexed, onlyInFull } from "../../qualcode/ui/coder/frontend/finding.js";

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

test("the first letters of a name find it, after everything that holds them", () => {
  assert.deepEqual(found("tim"), ["3", "2"]);
  assert.deepEqual(found("tm"), ["2"]);
  assert.deepEqual(found("im"), ["3"]);
});

test("every part of a definition finds its code", () => {
  const codes = [indexed({ id: "x", name: "Bare", brief: "Short.", full: "Includes night shifts." })];
  assert.equal(findCodes(codes, "night shift").length, 1);
  assert.ok(onlyInFull(codes[0], "bare night"), "then the full definition is shown");
  assert.ok(!onlyInFull(codes[0], "bare"));
  assert.ok(!onlyInFull(codes[0], ""));
});
