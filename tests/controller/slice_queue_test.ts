// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { createSliceQueue } from "../../src/controller/queue/slice_queue.ts";
import { createWakePace } from "../../src/controller/queue/wake_pace.ts";
import { createHoldings } from "../../src/controller/publication/holdings.ts";
import type { Slices } from "../../src/language/mod.ts";

/** A queue whose every step takes a millisecond, and what happened to it. */
function setUp() {
  const events: string[] = [];
  let now = 0;
  let next = Promise.withResolvers<void>();
  const queue = createSliceQueue({
    clock: { now: () => now },
    yieldNow: () => next.promise,
    onDone: () => void events.push("done"),
    onFailed: (error) => void events.push(`failed: ${error}`),
  });
  function* work(name: string, steps: number): Slices<void> {
    for (let step = 0; step < steps; step++) {
      now++;
      yield;
    }
    events.push(name);
  }
  function* broken(): Slices<void> {
    yield;
    throw new RangeError("broken");
  }
  return {
    queue,
    events,
    work,
    broken,
    async turn() {
      const ended = next;
      next = Promise.withResolvers();
      ended.resolve();
      for (let tick = 0; tick < 5; tick++) await Promise.resolve();
    },
  };
}

Deno.test("SliceQueue does what is short at once", () => {
  const { queue, events, work } = setUp();
  queue.add(work("one", 3));
  queue.add(work("two", 3));
  deepEqual([events, queue.isIdle], [["one", "two"], true]);
});

Deno.test("SliceQueue does what a work adds after that work", () => {
  const { queue, events, work } = setUp();
  queue.add((function* (): Slices<void> {
    queue.add(work("added", 1));
    yield;
    events.push("adds");
  })());
  deepEqual([events, queue.isIdle], [["adds", "added"], true]);
});

Deno.test("SliceQueue lets others have their turn during what is long, and keeps the order", async () => {
  const { queue, events, work, turn } = setUp();
  queue.add(work("long", 20));
  queue.add(work("after", 1));
  deepEqual([events, queue.isIdle], [[], false]);
  await turn();
  deepEqual(events, []);
  await turn();
  deepEqual([events, queue.isIdle], [["long", "after", "done"], true]);
  await queue.done();
});

Deno.test("SliceQueue goes on after a work that throws", async () => {
  const { queue, events, work, broken, turn } = setUp();
  queue.add(broken());
  queue.add(work("long", 10));
  await turn();
  deepEqual(events, ["failed: RangeError: broken", "long", "done"]);
});

Deno.test("WakePace begins few at once, the others one after the other, and recovers", () => {
  let now = 1_000;
  const pace = createWakePace({ now: () => now }, { burst: 3, perSecond: 10 });
  const delays = (count: number) => Array.from({ length: count }, () => pace.delayMs());
  deepEqual(delays(6), [0, 0, 0, 100, 200, 300]);
  now += 200;
  deepEqual(delays(2), [200, 300]);
  now += 10_000;
  deepEqual(delays(4), [0, 0, 0, 100]);
});

Deno.test("Holdings tell what nobody held before, and what nobody holds any more", () => {
  const holdings = createHoldings();
  const change = (owner: string, ids: readonly string[]) => {
    const { added, dropped } = holdings.replace(owner, ids);
    return [[...added], [...dropped]];
  };
  deepEqual(change("a", ["x", "y"]), [["x", "y"], []]);
  deepEqual(change("b", ["y", "z"]), [["z"], []]);
  deepEqual(change("a", ["z"]), [[], ["x"]]);
  deepEqual(change("b", []), [[], ["y"]]);
  equal(change("a", [])[1]?.length, 1);
});
