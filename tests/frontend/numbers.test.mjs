import assert from "node:assert/strict";
import test from "node:test";

import { Habits } from "../../qualcode/ui/coder/frontend/habits.js";
import { Numbers, quickCodes } from "../../qualcode/ui/coder/frontend/numbers.js";

const CODES = ["a", "b", "c", "d"].map((id) => ({ id }));
const quick = (places, given) => quickCodes(CODES, places, given).map((code) => code.id);

class Storage {
  items = new Map();
  getItem = (key) => this.items.get(key) ?? null;
  setItem = (key, value) => this.items.set(key, value);
}

function opened({ lasting = new Storage(), passing = new Storage(), coder = "ana", codes = CODES } = {}) {
  const habits = new Habits({ lasting, passing });
  const numbers = new Numbers({ lasting, habits });
  habits.open(coder);
  numbers.open(coder);
  numbers.codes = codes;
  return numbers;
}

const ids = (codes) => codes.map(({ id }) => id);

test("number keys hold the codes they held before, then the codebook", () => {
  assert.deepEqual(quick([]), ["a", "b", "c", "d"]);
  assert.deepEqual(quick(["c", "gone"]), ["c", "a", "b", "d"]);
});

test("a code stays on the key it was given, and the others on theirs", () => {
  assert.deepEqual(quick(["c", "a"], [[2, "d"]]), ["c", "d", "a", "b"]);
  assert.deepEqual(quick(["a", "b", "c", "d"], [[2, "d"]]), ["a", "d", "c", "b"]);
  assert.deepEqual(quick([], [[9, "d"], [1, "gone"]]), ["a", "b", "c", "d"]);
});

test("using a code that has a key moves no key", () => {
  const numbers = opened();
  for (const id of ["c", "d", "b", "d"]) numbers.used(id);
  assert.deepEqual(ids(numbers.quick()), ["a", "b", "c", "d"]);
});

test("a code without a key takes that of the code not used for longest, never one given by hand", () => {
  const codes = Array.from({ length: 12 }, (_, at) => ({ id: `c${at + 1}` }));
  const numbers = opened({ codes });
  numbers.give("c9", 9);
  for (const id of ["c1", "c2", "c3", "c4", "c5", "c6", "c8", "c7"]) numbers.used(id);
  numbers.used("c12");
  assert.deepEqual(ids(numbers.quick()), ["c12", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"]);
  numbers.used("c11");
  assert.equal(numbers.quick()[1].id, "c11");
  assert.equal(numbers.quick()[8].id, "c9");
});

test("keys, the last codes and the uses are kept by coder, the last codes by tab", () => {
  const lasting = new Storage();
  const passing = new Storage();
  const numbers = opened({ lasting, passing });
  numbers.give("a", 3);
  numbers.give("b", 4);
  numbers.give("a", 4);
  numbers.used("c");
  numbers.used("d");
  numbers.used("c");
  assert.equal(numbers.free(), 1);
  const later = opened({ lasting, passing });
  assert.deepEqual([...later.given], [[4, "a"]]);
  assert.deepEqual(ids(later.quick()), ids(numbers.quick()));
  assert.deepEqual(later.habits.recent, ["c", "d"]);
  assert.deepEqual([...later.habits.often], [["c", 2], ["d", 1]]);
  later.give("a", null);
  assert.equal(later.of("a"), null);
  const tomorrow = opened({ lasting });
  assert.deepEqual([tomorrow.habits.recent, tomorrow.habits.often.get("c")], [[], 2]);
  const other = opened({ lasting, coder: "ben" });
  assert.deepEqual([[...other.given], other.habits.recent], [[], []]);
});

test("the palette begins with what was used last, then what is used most, then the codebook", () => {
  const codes = Array.from({ length: 10 }, (_, at) => ({ id: `c${at + 1}` }));
  const { habits } = opened();
  for (const id of ["c9", "c9", "c9", "c1", "c2", "c3", "c4", "c5", "c6"]) habits.used(id);
  const here = new Map([["c10", 2]]);
  assert.deepEqual(ids(habits.ordered(codes, here)), [
    ...["c6", "c5", "c4", "c3", "c2", "c1"],
    ...["c9", "c10", "c7", "c8"],
  ]);
});

test("what was used long ago counts for less", () => {
  const { habits } = opened();
  for (let time = 0; time < 300; time++) habits.used("a");
  for (let time = 0; time < 250; time++) habits.used("b");
  assert.ok(habits.often.get("b") > habits.often.get("a"));
});

test("what another program left in storage is no reason to fail", () => {
  const lasting = new Storage();
  for (const kept of ["x", "{}", "[null]", "[[0, \"a\"], [3, 4]]"]) {
    for (const key of ["qc-keys:ana", "qc-places:ana", "qc-often:ana", "qc-recent:ana"])
      lasting.setItem(key, kept);
    const numbers = opened({ lasting, passing: lasting });
    assert.equal(numbers.given.size, 0);
    assert.equal(numbers.habits.often.size, 0);
    assert.deepEqual(ids(numbers.quick()), ["a", "b", "c", "d"]);
  }
});
