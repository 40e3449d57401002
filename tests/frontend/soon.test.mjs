import assert from "node:assert/strict";
import { test } from "node:test";

import { soon } from "../../qualcode/ui/coder/frontend/soon.js";

test("what is put off by no time is done before any other timer, and after what called for it", async () => {
  const order = [];
  const done = new Promise((resolve) => setTimeout(resolve, 20));
  setTimeout(() => order.push("a timer of before"));
  soon(() => {
    setTimeout((word) => order.push(word), 0, "sent");
    order.push("called");
  });
  order.push("handled");
  await done;
  assert.deepEqual(order, ["called", "handled", "sent", "a timer of before"]);
});

test("what is put off by some time keeps its time and can be called off", async () => {
  const order = [];
  let later;
  soon(() => {
    setTimeout(() => order.push("after a while"), 15);
    later = setTimeout(() => order.push("called off"), 15);
  });
  clearTimeout(later);
  await Promise.resolve();
  assert.deepEqual(order, []);
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.deepEqual(order, ["after a while"]);
});

test("timers are as they were afterwards, also where the act fails", () => {
  const before = globalThis.setTimeout;
  assert.throws(
    () =>
      soon(() => {
        throw new Error("not connected");
      }),
    /not connected/,
  );
  assert.equal(globalThis.setTimeout, before);
});
