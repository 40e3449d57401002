// Proposals on their way, and names made of the words themselves.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Codings, applyTo, subjectOf } from "../../qualcode/ui/coder/frontend/codings.js";
import { History } from "../../qualcode/ui/coder/frontend/history.js";
import { nameFrom } from "../../qualcode/ui/coder/frontend/invivo.js";
import { withPending } from "../../qualcode/ui/coder/frontend/proposals.js";

test("a code is named like the words, without what stands around them", () => {
  assert.equal(nameFrom("“You are allowed to be new.”"), "You are allowed to be new");
  assert.equal(nameFrom("  stay \n late,"), "stay late");
  assert.equal(nameFrom("مطولا."), "مطولا");
  assert.equal(nameFrom("…"), "…");
});

test("a long name is cut between characters, not inside an emoji", () => {
  const name = nameFrom("👍".repeat(80));
  assert.equal(Array.from(name).length, 60);
  assert.ok(name.endsWith("…") && !/[\ud800-\udbff](?![\udc00-\udfff])/.test(name));
});

test("what is on its way lies over what the server has", () => {
  const known = new Map([["a", { id: "a", state: "open" }]]);
  const proposal = { id: "b", start: 1, end: 2, name: "New", definition: "" };
  const shown = withPending(known, [
    { op: "propose", proposal },
    { op: "add", coding: { id: "c" } },
    { op: "unpropose", id: "a" },
  ]);
  assert.deepEqual([...shown.keys()], ["b"]);
  assert.equal(shown.get("b").state, "open");
  assert.deepEqual([...known.keys()], ["a"], "what the server has stays");
});

test("a search taken back takes its own codings and no others", () => {
  const codings = new Map(
    ["s1", "s1", "", "s2"].map((search, at) => [String(at), { id: String(at), search }]),
  );
  applyTo(codings, { op: "search", id: "s1", on: false });
  assert.deepEqual([...codings.keys()], ["2", "3"]);
  applyTo(codings, { op: "search", id: "s1", on: true });
  assert.equal(codings.size, 2, "the server brings them");
});

test("acts on searches and proposals have their opposites", () => {
  const codings = new Codings();
  const proposal = { id: "p" };
  const acts = [
    { op: "search", id: "s", on: true },
    { op: "search", id: "s", on: false },
    { op: "propose", proposal },
    { op: "unpropose", id: "p", proposal },
  ];
  for (const act of acts) {
    const back = codings.inverse(act);
    assert.notEqual(back.op + back.on, act.op + act.on);
    assert.deepEqual(codings.inverse(back), act);
    assert.equal(subjectOf(act), subjectOf(back));
  }
});

test("a search is recorded as a step once, also after a reload", () => {
  const kept = new Map();
  const storage = { setItem: (key, value) => kept.set(key, value), getItem: (key) => kept.get(key) };
  const timers = { setTimeout: () => 1, clearTimeout: () => {} };
  const history = new History({ storage, timers });
  history.open("ana:t1:x");
  history.record([{ op: "search", id: "s", on: true }], [{ op: "search", id: "s", on: false }]);
  history.write();
  const again = new History({ storage, timers });
  again.open("ana:t1:x");
  assert.ok(again.knows("s") && !again.knows("other"));
  again.undo();
  assert.ok(again.knows("s"), "also when it is undone");
});
