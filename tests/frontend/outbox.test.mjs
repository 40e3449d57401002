import assert from "node:assert/strict";
import test from "node:test";

import { Codings } from "../../qualcode/ui/coder/frontend/codings.js";
import { History } from "../../qualcode/ui/coder/frontend/history.js";
import { Outbox } from "../../qualcode/ui/coder/frontend/outbox.js";

class Storage {
  items = new Map();
  getItem = (key) => this.items.get(key) ?? null;
  setItem = (key, value) => this.items.set(key, value);
  removeItem = (key) => this.items.delete(key);
}

/** A clock that goes on only when told. */
class Timers {
  pending = null;
  setTimeout = (callback, ms) => (this.pending = { callback, ms });
  clearTimeout = () => (this.pending = null);
  ring() {
    const { callback } = this.pending;
    this.pending = null;
    callback();
  }
}

function outboxOf({ storage = new Storage(), send } = {}) {
  const sent = [];
  const kicks = [];
  const timers = new Timers();
  const outbox = new Outbox({
    send: send ?? ((payload) => sent.push(payload)),
    kick: () => kicks.push(1),
    changed: () => {},
    storage,
    timers,
  });
  outbox.open("ana");
  return { outbox, sent, kicks, timers, storage };
}

function added(number, { transcript = "P01", sha = "s1" } = {}) {
  const coding = { id: `c${number}`, start: 0, end: 4, code: "C1", memo: "" };
  return { op_id: `o${number}`, op: "add", coding, quote: "I st", transcript, sha, made: 1 };
}

const ids = (payload) => payload.ops.map((operation) => operation.op_id);

test("every sending carries all that has no answer yet", () => {
  const { outbox, sent } = outboxOf();
  outbox.add(added(1));
  outbox.add(added(2));
  assert.deepEqual(sent.map(ids), [["o1"], ["o1", "o2"]]);
  outbox.settle(["o1"], []);
  outbox.add(added(3));
  assert.deepEqual(ids(sent.at(-1)), ["o2", "o3"]);
});

test("the wire carries the protocol's fields and nothing else", () => {
  const { outbox, sent } = outboxOf();
  outbox.add(added(1));
  assert.deepEqual(sent[0], {
    transcript: "P01",
    sha: "s1",
    ops: [{ op_id: "o1", op: "add", coding: added(1).coding, quote: "I st" }],
  });
});

test("what is kept over a reload holds no words of the transcript", () => {
  const { outbox, storage } = outboxOf();
  outbox.add(added(1));
  assert.equal(storage.getItem("qc-outbox:ana").includes("I st"), false);
  outbox.settle(["o1"], []);
  assert.equal(storage.getItem("qc-outbox:ana"), null);
});

test("after a reload the kept edits are sent with their quotations", () => {
  const { storage, outbox: before } = outboxOf();
  before.add(added(1));
  const { outbox, sent } = outboxOf({ storage });
  outbox.flush();
  assert.deepEqual(sent, [], "without its text an edit cannot be sent");
  assert.deepEqual(
    outbox.adopt("P01", "s1", () => "I st"),
    [],
  );
  outbox.flush();
  assert.equal(sent[0].ops[0].quote, "I st");
});

test("edits on a text that was replaced are given back, not sent", () => {
  const { storage, outbox: before } = outboxOf();
  before.add(added(1));
  const { outbox } = outboxOf({ storage });
  assert.deepEqual(
    outbox.adopt("P01", "s2", () => "").map((lost) => lost.op_id),
    ["o1"],
  );
  assert.equal(outbox.size, 0);
});

test("another coder in the same tab does not see them", () => {
  const { storage, outbox: before } = outboxOf();
  before.add(added(1));
  const { outbox } = outboxOf({ storage });
  outbox.open("ben");
  assert.equal(outbox.size, 0);
  outbox.open("ana");
  assert.equal(outbox.size, 1);
});

test("after two tries without an answer the whole app is asked to run", () => {
  const { outbox, sent, kicks, timers } = outboxOf();
  outbox.add(added(1));
  timers.ring();
  assert.deepEqual([sent.length, kicks.length, outbox.unanswered], [2, 0, 1]);
  timers.ring();
  assert.deepEqual([sent.length, kicks.length], [3, 1]);
  outbox.settle(["o1"], []);
  assert.deepEqual([outbox.size, outbox.unanswered, timers.pending], [0, 0, null]);
});

test("the pause between tries grows and is bounded", () => {
  const { outbox, timers } = outboxOf();
  outbox.add(added(1));
  const pauses = [];
  for (let i = 0; i < 9; i++) {
    pauses.push(timers.pending.ms);
    timers.ring();
  }
  assert.equal(pauses[0], 3000);
  assert.ok(pauses.every((pause, i) => i === 0 || pause >= pauses[i - 1]));
  assert.ok(pauses.at(-1) <= 30000);
});

test("a send that fails is tried again", () => {
  let broken = true;
  const sent = [];
  const { outbox, timers } = outboxOf({
    send: (payload) => {
      if (broken) throw new Error("not connected");
      sent.push(payload);
    },
  });
  outbox.add(added(1));
  broken = false;
  timers.ring();
  assert.deepEqual(sent.map(ids), [["o1"]]);
});

test("edits of two transcripts are sent apart, the older first", () => {
  const { outbox, sent } = outboxOf();
  outbox.add(added(1));
  outbox.add(added(2, { transcript: "P02", sha: "s2" }));
  assert.equal(sent.at(-1).transcript, "P01");
  outbox.settle(["o1"], []);
  assert.deepEqual([sent.at(-1).transcript, ids(sent.at(-1))], ["P02", ["o2"]]);
});

test("an answer names what was refused and why", () => {
  const { outbox } = outboxOf();
  outbox.add(added(1));
  outbox.add(added(2));
  const { acknowledged, rejected } = outbox.settle(["o1"], [{ op_id: "o2", reason: "Sealed." }]);
  assert.deepEqual(
    acknowledged.map((operation) => operation.op_id),
    ["o1"],
  );
  assert.deepEqual([rejected[0].operation.op_id, rejected[0].reason], ["o2", "Sealed."]);
  assert.equal(outbox.size, 0);
});

test("a refused edit disappears from what is shown, the later ones stay", () => {
  const codings = new Codings();
  codings.replace([{ id: "a", start: 0, end: 2, code: "C1", memo: "" }], []);
  const remove = { op: "remove", id: "a" };
  const add = { op: "add", coding: { id: "b", start: 3, end: 5, code: "C2", memo: "" } };
  codings.edit(remove);
  codings.edit(add);
  assert.deepEqual([...codings.shown.keys()], ["b"]);
  codings.workOut([add]); // the removal was refused
  assert.deepEqual([...codings.shown.keys()], ["a", "b"]);
});

test("a full list from the server does not wipe out edits on their way", () => {
  const codings = new Codings();
  const add = { op: "add", coding: { id: "b", start: 3, end: 5, code: "C2", memo: "" } };
  codings.edit(add);
  codings.replace([{ id: "a", start: 0, end: 2, code: "C1", memo: "" }], [add]);
  assert.deepEqual([...codings.shown.keys()].sort(), ["a", "b"]);
});

test("what is to follow another edit waits until that one is kept", () => {
  const { outbox, sent } = outboxOf();
  const remove = { op: "remove", id: "c0", transcript: "P01", sha: "s1" };
  outbox.add(added(1), { ...remove, op_id: "o2", after: "o1" });
  assert.deepEqual(sent.map(ids), [["o1"]]);
  outbox.settle(["o1"], []);
  assert.deepEqual(sent.map(ids), [["o1"], ["o2"]]);
  assert.deepEqual(sent[1].ops, [{ op: "remove", id: "c0", op_id: "o2" }]);
});

test("what was read is sent with the edits, and is no edit that could be lost", () => {
  const { outbox, sent, storage } = outboxOf();
  outbox.add({ op: "seen", turns: [1, 4], op_id: "o1", transcript: "P01", sha: "s1" });
  assert.equal(outbox.size, 0);
  assert.deepEqual(sent[0].ops, [{ op: "seen", turns: [1, 4], op_id: "o1" }]);
  const { outbox: later } = outboxOf({ storage });
  assert.deepEqual(
    later.adopt("P01", "s2", () => ""),
    [],
  );
});

test("the inverse of a removal brings the same coding back with its memo", () => {
  const codings = new Codings();
  const coding = { id: "a", start: 0, end: 2, code: "C1", memo: "why" };
  codings.replace([coding], []);
  assert.deepEqual(codings.inverse({ op: "remove", id: "a" }), { op: "add", coding });
  assert.deepEqual(codings.inverse({ op: "memo", id: "a", memo: "" }), {
    op: "memo",
    id: "a",
    memo: "why",
  });
  assert.equal(codings.inverse({ op: "remove", id: "gone" }), null);
});

test("the inverse of a doubt is the doubt before it, and a memo leaves it alone", () => {
  const codings = new Codings();
  const coding = { id: "a", start: 0, end: 2, code: "C1", memo: "", uncertain: true };
  codings.replace([coding], []);
  const lifted = { op: "doubt", id: "a", uncertain: false };
  assert.deepEqual(codings.inverse(lifted), { op: "doubt", id: "a", uncertain: true });
  codings.edit({ op: "memo", id: "a", memo: "why" });
  assert.equal(codings.get("a").uncertain, true);
  codings.edit(lifted);
  assert.deepEqual([codings.get("a").memo, codings.get("a").uncertain], ["why", false]);
});
