import assert from "node:assert/strict";
import test from "node:test";

import { Codings, subjectOf } from "../../qualcode/ui/coder/frontend/codings.js";
import { commandFor } from "../../qualcode/ui/coder/frontend/keyboard.js";
import { nextMemo, passageOf, withMemos } from "../../qualcode/ui/coder/frontend/notes.js";
import { Outbox } from "../../qualcode/ui/coder/frontend/outbox.js";

const onWords = (id, start, end, text = id) => ({ id, about: "passage", start, end, text });
const written = (note) => ({ op: "note", note });

test("an act and its inverse leave the memos as they were", () => {
  const codings = new Codings();
  codings.replace([], [onWords("a", 0, 4), { id: "b", about: "code", code: "C1", text: "b" }]);
  codings.workOut([]);
  const before = JSON.stringify([...codings.notes]);
  for (const act of [
    written(onWords("c", 5, 9)),
    { op: "note_text", id: "a", text: "other" },
    { op: "unnote", id: "b" },
  ]) {
    const back = codings.inverse(act);
    codings.edit(act);
    assert.notEqual(JSON.stringify([...codings.notes]), before);
    codings.edit(back);
    const sorted = new Map([...codings.notes].sort());
    assert.equal(JSON.stringify([...sorted]), before);
  }
  assert.equal(codings.inverse({ op: "unnote", id: "gone" }), null);
  assert.equal(codings.shown.size, 0);
});

test("memos on their way win over what the server sends, until they are refused", () => {
  const codings = new Codings();
  const act = written(onWords("new", 0, 4));
  codings.replace([], [onWords("old", 5, 9)]);
  codings.workOut([act, { op: "note_text", id: "old", text: "mine" }]);
  assert.deepEqual([...codings.notes.keys()], ["old", "new"]);
  assert.equal(codings.find("old").text, "mine");
  codings.workOut([]);
  assert.deepEqual([...codings.notes.values()], [onWords("old", 5, 9)]);
  codings.confirm(act);
  codings.workOut([]);
  assert.equal(codings.find("new").text, "new");
});

test("the words of a passage go along, those of an interview or a code have none", () => {
  assert.equal(passageOf(written(onWords("a", 0, 4))).id, "a");
  assert.equal(passageOf(written({ id: "b", about: "transcript", text: "" })), null);
  assert.equal(passageOf({ op: "add", coding: { id: "c" } }).id, "c");
  assert.equal(passageOf({ op: "remove", id: "c" }), null);
  assert.equal(subjectOf(written(onWords("a", 0, 4))), "a");
  assert.equal(subjectOf({ op: "unnote", id: "a" }), "a");
});

test("a memo kept over a reload is sent when its words are there again, and without them never", async () => {
  const storage = new Map();
  const box = () => {
    const sent = [];
    const outbox = new Outbox({
      send: async (payload) => sent.push(payload),
      answered: () => {},
      changed: () => {},
      storage: {
        getItem: (key) => storage.get(key) ?? null,
        setItem: (key, value) => storage.set(key, value),
        removeItem: (key) => storage.delete(key),
      },
      timers: { setTimeout: () => 1, clearTimeout: () => {} },
    });
    outbox.open("ana");
    return { outbox, sent };
  };
  const first = box();
  const where = { transcript: "P01", sha: "s1" };
  first.outbox.add(
    { ...written(onWords("a", 0, 4)), op_id: "1", quote: "I st", ...where },
    { ...written({ id: "b", about: "transcript", text: "b" }), op_id: "2", ...where },
  );
  assert.ok(![...storage.values()].join().includes("I st"), "no words of the transcript are kept");
  const second = box();
  second.outbox.flush();
  assert.deepEqual(second.sent[0].ops.map(({ op_id }) => op_id), ["2"]);
  second.outbox.adopt("P01", "s1", () => "I st");
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(second.sent[1].ops.map(({ quote }) => quote), ["I st", undefined]);
});

test("what carries a memo comes in the order of the text, codings and passages together", () => {
  const codings = [
    { id: "k1", start: 4, end: 9, memo: "why" },
    { id: "k2", start: 0, end: 9, memo: "" },
  ];
  const notes = [onWords("n1", 2, 3), onWords("n2", 4, 20), { id: "n3", about: "code", text: "x" }];
  assert.deepEqual(withMemos(codings, notes).map(({ id }) => id), ["n1", "n2", "k1"]);
});

test("the next memo is the one after that in focus, or after the cursor, and around the end", () => {
  const found = withMemos([], [onWords("a", 2, 3), onWords("b", 10, 12), onWords("c", 20, 21)]);
  const next = (at, here, step) => nextMemo(found, { at, here, step }).id;
  assert.equal(next("a", 0, 1), "b");
  assert.equal(next("c", 0, 1), "a");
  assert.equal(next("a", 0, -1), "c");
  assert.equal(next(null, 5, 1), "b");
  assert.equal(next(null, 5, -1), "a");
  assert.equal(next(null, 99, 1), "a");
  assert.equal(nextMemo([], { at: null, here: 0, step: 1 }), null);
});

test("W writes, L lists", () => {
  const key = (key) => commandFor({ key, code: "", ctrlKey: false, metaKey: false, altKey: false });
  assert.deepEqual([key("w").name, key("l").name, key("m").name], ["memo", "memoList", "withMemo"]);
});
