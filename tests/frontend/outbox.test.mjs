import assert from "node:assert/strict";
import test from "node:test";

import { Codings } from "../../qualcode/ui/coder/frontend/codings.js";
import { History } from "../../qualcode/ui/coder/frontend/history.js";
import { Kept } from "../../qualcode/ui/coder/frontend/kept.js";
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

/** An outbox whose server answers when the test says so. */
function outboxOf({ storage = new Storage() } = {}) {
  const sent = [];
  const told = [];
  const timers = new Timers();
  const outbox = new Outbox({
    send: (payload) =>
      new Promise((resolve, reject) => {
        sent.push(payload);
        Object.assign(payload, { resolve, reject });
      }),
    answered: (answer, how) => {
      told.push(how);
      outbox.settle(answer.ack ?? [], answer.rejected ?? []);
    },
    changed: () => {},
    storage,
    timers,
  });
  outbox.open("ana");
  /** The server's answer to the newest request, or to the one of this number. */
  const answer = async (ack, { at = -1, ...more } = {}) => {
    sent.at(at).resolve({ ack, ...more });
    await settled();
  };
  return { outbox, sent, told, timers, storage, answer };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

function added(number, { transcript = "P01", sha = "s1" } = {}) {
  const coding = { id: `c${number}`, start: 0, end: 4, code: "C1", memo: "" };
  return { op_id: `o${number}`, op: "add", coding, quote: "I st", transcript, sha, made: 1 };
}

const ids = (payload) => payload.ops.map((operation) => operation.op_id);

test("one request at a time, with all that has no answer yet", async () => {
  const { outbox, sent, answer, timers } = outboxOf();
  outbox.add(added(1));
  outbox.add(added(2));
  outbox.add(added(3));
  assert.deepEqual(sent.map(ids), [["o1"]], "at once, and the rest waits for the answer");
  await answer(["o1"]);
  assert.deepEqual(sent.map(ids), [["o1"], ["o2", "o3"]]);
  await answer(["o2", "o3"]);
  assert.deepEqual([outbox.size, timers.pending, sent.length], [0, null, 2]);
});

test("very many edits go in parts, without a pause between them", async () => {
  const { outbox, sent, answer } = outboxOf();
  outbox.add(...Array.from({ length: 1200 }, (_, number) => added(number)));
  for (let part = 0; part < 3; part++) await answer(ids(sent.at(-1)));
  assert.deepEqual([sent.map(({ ops }) => ops.length), outbox.size], [[500, 500, 200], 0]);
});

test("the wire carries the protocol's fields and nothing else", () => {
  const { outbox, sent } = outboxOf();
  outbox.add(added(1));
  const { transcript, sha, ops } = sent[0];
  assert.deepEqual([transcript, sha], ["P01", "s1"]);
  assert.deepEqual(ops, [{ op_id: "o1", op: "add", coding: added(1).coding, quote: "I st" }]);
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

test("without an answer all is sent again, and a late answer counts", async () => {
  const { outbox, sent, told, timers, answer } = outboxOf();
  outbox.add(added(1));
  timers.ring();
  assert.deepEqual([sent.map(ids), outbox.unanswered], [[["o1"], ["o1"]], 1]);
  await answer(["o1"], { at: 0 });
  assert.deepEqual([outbox.size, outbox.unanswered], [0, 0]);
  assert.deepEqual(told, [{ wasAway: true }]);
  await answer(["o1"]);
  assert.deepEqual([timers.pending, sent.length], [null, 2]);
});

test("a request that fails is told at once and tried again", async () => {
  const { outbox, sent, told, timers, answer } = outboxOf();
  outbox.add(added(1));
  sent[0].reject(new Error("no server"));
  await settled();
  assert.equal(outbox.unanswered, 1);
  outbox.add(added(2));
  assert.deepEqual(sent.map(ids), [["o1"], ["o1", "o2"]], "a new edit tries it anew");
  sent[1].reject(new Error("no server"));
  await settled();
  timers.ring();
  await answer(["o1", "o2"]);
  assert.deepEqual([sent.length, outbox.size, outbox.unanswered], [3, 0, 0]);
  assert.deepEqual(told, [{ wasAway: true }]);
});

test("what the study could not keep yet waits for the next try, not longer and not in a circle", async () => {
  const { outbox, sent, timers, answer } = outboxOf();
  outbox.add(added(1));
  await answer([], { trouble: "The disk is full." });
  assert.deepEqual([sent.length, outbox.size, outbox.unanswered], [1, 1, 0]);
  timers.ring();
  await answer(["o1"]);
  assert.deepEqual([sent.length, outbox.size, timers.pending], [2, 0, null]);
});

test("an answer after the page was left changes nothing; the next page sends it again", async () => {
  const { outbox, sent, told, storage, timers, answer } = outboxOf();
  outbox.add(added(1));
  outbox.close();
  await answer(["o1"]);
  assert.deepEqual([told, sent.length, timers.pending], [[], 1, null]);
  const { outbox: next, sent: again } = outboxOf({ storage });
  next.adopt("P01", "s1", () => "I st");
  next.flush();
  assert.deepEqual(again.map(ids), [["o1"]]);
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

test("edits of two transcripts are sent apart, the older first", async () => {
  const { outbox, sent, answer } = outboxOf();
  outbox.add(added(1));
  outbox.add(added(2, { transcript: "P02", sha: "s2" }));
  assert.equal(sent.at(-1).transcript, "P01");
  await answer(["o1"]);
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
  codings.replace([{ id: "a", start: 0, end: 2, code: "C1", memo: "" }]);
  codings.workOut([]);
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
  codings.replace([{ id: "a", start: 0, end: 2, code: "C1", memo: "" }]);
  codings.workOut([add]);
  assert.deepEqual([...codings.shown.keys()].sort(), ["a", "b"]);
});

test("a list that was read before an edit was kept does not take it back", () => {
  const kept = new Kept();
  const remove = { op: "remove", id: "a", transcript: "P01" };
  const other = { op: "remove", id: "x", transcript: "P02" };
  kept.add([remove, other], { run: "r1", at: 20 });
  assert.equal(kept.isNews({ run: "r1", at: 10 }), true);
  assert.deepEqual(kept.missing("P01"), [remove]);
  assert.equal(kept.isNews({ run: "r1", at: 9 }), false, "an older list comes too late");
  assert.equal(kept.isNews({ run: "r1", at: 30 }), true);
  assert.deepEqual(kept.missing("P01"), []);
  kept.add([remove], { run: "r1", at: 40 });
  assert.equal(kept.isNews({ run: "r2", at: 5 }), true, "the clock of another server begins anew");
  assert.deepEqual(kept.missing("P01"), []);
});

test("what is to follow another edit waits until that one is kept", async () => {
  const { outbox, sent, answer } = outboxOf();
  const remove = { op: "remove", id: "c0", transcript: "P01", sha: "s1" };
  outbox.add(added(1), { ...remove, op_id: "o2", after: "o1" });
  assert.deepEqual(sent.map(ids), [["o1"]]);
  await answer(["o1"]);
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
  codings.replace([coding]);
  codings.workOut([]);
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
  codings.replace([coding]);
  codings.workOut([]);
  const lifted = { op: "doubt", id: "a", uncertain: false };
  assert.deepEqual(codings.inverse(lifted), { op: "doubt", id: "a", uncertain: true });
  codings.edit({ op: "memo", id: "a", memo: "why" });
  assert.equal(codings.get("a").uncertain, true);
  codings.edit(lifted);
  assert.deepEqual([codings.get("a").memo, codings.get("a").uncertain], ["why", false]);
});
