import assert from "node:assert/strict";
import test from "node:test";

import { MOST_LANES, layLabels, layLanes } from "../../qualcode/ui/coder/frontend/lanes.js";

const bar = (id, top, bottom) => ({ id, top, bottom });
const laid = (...bars) => layLabels(layLanes(bars));

test("bars beside one another take lanes of their own, the longest innermost", () => {
  const lanes = Object.fromEntries(
    laid(bar("a", 0, 20), bar("b", 0, 90), bar("c", 30, 50)).map((one) => [one.id, one.lane]),
  );
  assert.deepEqual(lanes, { b: 0, a: 1, c: 1 });
});

test("no two bars lie on one another while there are lanes", () => {
  const bars = Array.from({ length: 200 }, (_, i) =>
    bar(`b${i}`, (i * 37) % 900, ((i * 37) % 900) + 20 + ((i * 13) % 60)),
  );
  const all = layLanes(bars);
  for (const one of all) {
    for (const other of all) {
      const isSame = one === other || one.lane !== other.lane || one.lane === MOST_LANES - 1;
      assert.ok(isSame || one.bottom <= other.top + 0.5 || other.bottom <= one.top + 0.5);
    }
  }
});

test("there are never more lanes than fit", () => {
  const all = layLanes(Array.from({ length: 40 }, (_, i) => bar(`b${i}`, i, 500)));
  assert.ok(all.every(({ lane }) => lane < MOST_LANES));
});

test("names do not overlap, and none is lost: what has no room is counted", () => {
  const all = laid(...Array.from({ length: 9 }, (_, i) => bar(`b${i}`, 0, 28)));
  const labels = all.filter(({ label }) => label).map(({ label }) => label);
  labels.reduce((above, below) => (assert.ok(below.top - above.top >= 17), below));
  assert.equal(labels.length + labels.flatMap(({ more }) => more).length, 9);
});

test("a name stands right beside the bars that are there, not beside the widest place", () => {
  const all = laid(bar("a", 0, 20), bar("b", 0, 20), bar("c", 0, 20), bar("alone", 300, 320));
  assert.equal(all.find(({ id }) => id === "alone").label.indent, 1);
  assert.equal(all.find(({ id }) => id === "a").label.indent, 3);
});
