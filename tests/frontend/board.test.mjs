import assert from "node:assert/strict";
import test from "node:test";

import { Acts } from "../../qualcode/ui/board/frontend/acts.js";
import {
  after,
  groupsOf,
  isTopic,
  lanesOf,
  placed,
  seenBy,
  slotOf,
  slotsOf,
  stepped,
  tally,
  trayOf,
} from "../../qualcode/ui/board/frontend/model.js";

const theme = (id, codes = [], parent = "") => ({
  id,
  name: `Theme ${id} says this`,
  parent,
  state: "candidate",
  version: 1,
  codes,
  people: [],
  places: [],
});
const code = (id, people, places, groups = []) => ({
  id,
  name: id,
  codable: true,
  groups,
  people,
  places,
  codings: places.length,
});
const themes = [theme("a", ["c1", "c2"]), theme("b", ["c3"]), theme("p", ["c4"], "a")];
const ids = (list) => list.map(({ id }) => id);

test("a theme stands in a lane with its parts, and one whose whole is gone in its own", () => {
  const lanes = lanesOf([...themes, theme("q", [], "gone")]);
  assert.deepEqual(
    lanes.map((lane) => [lane.theme.id, ids(lane.parts)]),
    [
      ["a", ["p"]],
      ["b", []],
      ["q", []],
    ],
  );
});

test("codes in no theme are in the tray, and none whose group is in a theme", () => {
  const codes = [code("c1", [], []), code("c9", [], []), code("c8", [], [], ["b"])];
  assert.deepEqual(ids(trayOf([...codes, { ...code("t", [], []), codable: false }], themes)), [
    "c9",
    "c8",
  ]);
  assert.deepEqual(ids(trayOf(codes, [theme("x", ["b", "c1"])])), ["c9"]);
});

test("people and passages of several codes count once", () => {
  const codes = new Map([code("c1", [0, 1], [1, 2]), code("c2", [1, 2], [2, 3])].map((c) => [c.id, c]));
  assert.deepEqual(tally([theme("a", ["c1", "c2"])], codes), { people: 3, passages: 3 });
  assert.deepEqual(tally([theme("a", ["c1"]), theme("p", ["c2"], "a")], codes), {
    people: 3,
    passages: 3,
  });
  const own = { ...theme("m"), people: [4], places: [7, 8] };
  assert.deepEqual(tally([own], codes), { people: 1, passages: 2 });
});

test("a code moves, stands beside, and leaves; each theme it touches has its next version", () => {
  const moved = after(themes, { op: "place", code: "c1", source: "a", target: "b" });
  assert.deepEqual(
    moved.map(({ codes, version }) => [codes, version]),
    [
      [["c2"], 2],
      [["c3", "c1"], 2],
      [["c4"], 1],
    ],
  );
  const beside = after(themes, { op: "place", code: "c1", source: "a", target: "b", beside: true });
  assert.deepEqual([beside[0].codes, beside[1].codes], [["c1", "c2"], ["c3", "c1"]]);
  const left = after(themes, { op: "place", code: "c3", source: "b", target: "" });
  assert.deepEqual(left[1].codes, []);
  assert.equal(after(themes, { op: "undo" }), themes, "only the server takes back");
});

test("acts on their way make the versions that the next one has seen", () => {
  const first = { op: "place", code: "c1", source: "a", target: "b" };
  const second = { op: "place", code: "c2", source: "a", target: "b" };
  assert.deepEqual(seenBy(themes, first), { a: 1, b: 1 });
  assert.deepEqual(seenBy([first].reduce(after, themes), second), { a: 2, b: 2 });
});

test("a theme is ordered, made a part, made anew and renamed", () => {
  assert.deepEqual(ids(after(themes, { op: "order", theme: "b", parent: "", before: "a" })), [
    "b",
    "a",
    "p",
  ]);
  const part = after(themes, { op: "order", theme: "b", parent: "a", before: "" });
  assert.deepEqual([part.at(-1).parent, part.at(-1).version], ["a", 2]);
  const out = after(themes, { op: "order", theme: "p", parent: "", before: "b" });
  assert.deepEqual(ids(out), ["a", "p", "b"]);
  assert.deepEqual(ids(after(themes, { op: "new", id: "n", name: "New", parent: "" })).at(-1), "n");
  assert.equal(after(themes, { op: "rename", theme: "a", name: "Other" })[0].name, "Other");
  assert.deepEqual(placed([1, 2, 3], 1, 3, Object.is), [2, 1, 3]);
});

test("arrows lead a code through the groups: up and down in a lane, else to the next", () => {
  const groups = groupsOf(themes);
  assert.deepEqual(groups, [[""], ["a", "p"], ["b"]]);
  assert.equal(stepped(groups, "", "ArrowRight"), "a");
  assert.equal(stepped(groups, "a", "ArrowDown"), "p");
  assert.equal(stepped(groups, "p", "ArrowDown"), "p");
  assert.equal(stepped(groups, "p", "ArrowRight"), "b");
  assert.equal(stepped(groups, "b", "ArrowRight"), "b");
  assert.equal(stepped(groups, "a", "ArrowLeft"), "");
});

test("a theme goes between the others or into one, and one with parts goes into none", () => {
  assert.deepEqual(slotsOf(themes, "b"), [
    { parent: "", before: "a" },
    { parent: "a", before: "" },
    { parent: "", before: "b" },
    { parent: "", before: "" },
  ]);
  assert.deepEqual(slotsOf(themes, "a"), [
    { parent: "", before: "a" },
    { parent: "", before: "b" },
    { parent: "", before: "" },
  ]);
  assert.deepEqual(slotOf(themes, "p"), { parent: "a", before: "" });
  assert.deepEqual(slotOf(themes, "b"), { parent: "", before: "b" });
});

test("a name of few words is a topic", () => {
  assert.ok(isTopic("Trust ", 4));
  assert.ok(!isTopic("Trust is slow to come", 4));
});

class Timers {
  pending = null;
  setTimeout = (callback) => (this.pending = callback);
  clearTimeout = () => (this.pending = null);
}

test("every sending carries all acts without an answer; two silences ask for the whole app", () => {
  const [sent, kicks, timers] = [[], [], new Timers()];
  const acts = new Acts({ send: ({ ops }) => sent.push(ops.map((a) => a.op_id)), kick: () => kicks.push(1), timers });
  acts.add({ op_id: "1" });
  acts.add({ op_id: "2" });
  assert.deepEqual(sent, [["1"], ["1", "2"]]);
  for (const kicked of [0, 1]) {
    const ring = timers.pending;
    ring();
    assert.equal(kicks.length, kicked);
  }
  assert.deepEqual(acts.settle(["1"], [{ op_id: "2", reason: "Changed." }]), ["Changed."]);
  assert.deepEqual(acts.waiting, []);
  assert.equal(timers.pending, null);
  assert.deepEqual(acts.settle(["1"], [{ op_id: "2", reason: "Changed." }]), [], "said once");
});
