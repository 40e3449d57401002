import assert from "node:assert/strict";
import test from "node:test";

import { Numbers, quickCodes } from "../../qualcode/ui/coder/frontend/numbers.js";

const CODES = ["a", "b", "c", "d"].map((id) => ({ id }));
const quick = (recent, given) => quickCodes(CODES, recent, given).map((code) => code.id);

class Storage {
  items = new Map();
  getItem = (key) => this.items.get(key) ?? null;
  setItem = (key, value) => this.items.set(key, value);
}

test("number keys hold the last used codes, then the codebook", () => {
  assert.deepEqual(quick(["c", "gone"]), ["c", "a", "b", "d"]);
});

test("a code stays on the key it was given, whatever is used", () => {
  assert.deepEqual(quick(["c", "a"], [[2, "d"]]), ["c", "d", "a", "b"]);
  assert.deepEqual(quick(["d"], [[2, "d"]]), ["a", "d", "b", "c"]);
  assert.deepEqual(quick([], [[9, "d"], [1, "gone"]]), ["a", "b", "c", "d"]);
});

test("keys and the last codes are kept by coder, keys longer than the tab", () => {
  const lasting = new Storage();
  const passing = new Storage();
  const numbers = new Numbers({ lasting, passing });
  numbers.open("ana");
  numbers.give("a", 3);
  numbers.give("b", 4);
  numbers.give("a", 4);
  numbers.used("c");
  numbers.used("d");
  numbers.used("c");
  assert.equal(numbers.free(), 1);
  const later = new Numbers({ lasting, passing });
  later.open("ana");
  assert.deepEqual([...later.given], [[4, "a"]]);
  assert.deepEqual(later.recent, ["c", "d"]);
  later.give("a", null);
  assert.equal(later.of("a"), null);
  const other = new Numbers({ lasting, passing: new Storage() });
  other.open("ben");
  assert.deepEqual([[...other.given], other.recent], [[], []]);
});

test("what another program left in storage is no reason to fail", () => {
  const lasting = new Storage();
  for (const kept of ["x", "{}", "[null]", "[[0, \"a\"], [3, 4]]"]) {
    lasting.setItem("qc-keys:ana", kept);
    const numbers = new Numbers({ lasting, passing: lasting });
    numbers.open("ana");
    assert.equal(numbers.given.size, 0);
  }
});
