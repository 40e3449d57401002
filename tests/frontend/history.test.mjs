import assert from "node:assert/strict";
import test from "node:test";

import { History } from "../../qualcode/ui/coder/frontend/history.js";

class Storage {
  items = new Map();
  room = Infinity;
  getItem = (key) => this.items.get(key) ?? null;
  setItem = (key, value) => {
    if (value.length > this.room) throw new Error("full");
    this.items.set(key, value);
  };
}

const timers = { setTimeout: () => 1, clearTimeout: () => {} };

function historyOf(storage = new Storage(), key = "ana:P01:s1") {
  const history = new History({ storage, timers });
  history.open(key);
  return history;
}

const coded = (id) => [[{ op: "add", coding: { id } }], [{ op: "remove", id }]];

test("undo takes back step by step, redo repeats, a new edit ends the redo", () => {
  const history = historyOf();
  const [add, remove] = coded("b");
  assert.equal(history.undo(), null);
  history.record(add, remove);
  assert.equal(history.undo(), remove);
  assert.equal(history.redo(), add);
  assert.equal(history.undo(), remove);
  history.record(...coded("x"));
  assert.equal(history.redo(), null);
  history.forget("x");
  assert.equal(history.undo(), null);
});

test("a reload loses no step, done or undone", () => {
  const storage = new Storage();
  const before = historyOf(storage);
  before.record(...coded("a"));
  before.record(...coded("b"));
  before.undo();
  before.write();
  const after = historyOf(storage);
  assert.deepEqual(after.redo(), coded("b")[0]);
  assert.deepEqual(after.undo(), coded("b")[1]);
  assert.deepEqual(after.undo(), coded("a")[1]);
  assert.equal(after.undo(), null);
});

test("another coder, transcript or text has steps of its own", () => {
  const storage = new Storage();
  const history = historyOf(storage);
  history.record(...coded("a"));
  history.open("ben:P01:s1");
  assert.equal(history.undo(), null);
  history.open("ana:P01:s1");
  assert.deepEqual(history.undo(), coded("a")[1]);
});

test("where storage is full the oldest steps go first", () => {
  const storage = new Storage();
  storage.room = 500;
  const history = historyOf(storage);
  for (let number = 0; number < 40; number++) history.record(...coded(`c${number}`));
  history.write();
  const after = historyOf(storage);
  assert.deepEqual(after.undo(), coded("c39")[1]);
  assert.deepEqual(after.undo(), coded("c38")[1]);
});

test("what storage holds in another form is no reason to fail", () => {
  const storage = new Storage();
  for (const kept of ["", "{}", "[1]", "[[1],[null]]", '[[{"operations":1}],[]]']) {
    storage.setItem("qc-undo:ana:P01:s1", kept);
    assert.equal(historyOf(storage).undo(), null);
  }
});
