// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { createDueHeap } from "../../../src/controller/queue/due_heap.ts";
import { createManagedIndex } from "../../../src/controller/triggers/managed_index.ts";

const KEY = fc.constantFrom("a", "b", "c", "d");
const STEP = fc.record({
  trigger: fc.constantFrom("t", "u", "v"),
  objects: fc.option(fc.array(KEY, { maxLength: 4 })),
});

Deno.test("managed index: both directions agree after every history", () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 30 }), (steps) => {
      const index = createManagedIndex();
      const model = new Map<string, ReadonlySet<string>>();
      for (const { trigger, objects } of steps) {
        if (objects === null) index.remove(trigger);
        else index.set(trigger, objects);
        model.set(trigger, new Set(objects ?? []));
      }
      const owners = (object: string) => [...model].filter(([, set]) => set.has(object));
      for (const object of ["a", "b", "c", "d"]) {
        deepEqual([...index.triggersOf(object)].sort(), owners(object).map(([key]) => key).sort());
      }
      for (const [trigger, objects] of model) deepEqual(index.objectsOf(trigger), objects);
      equal(index.size, new Set([...model.values()].flatMap((set) => [...set])).size);
    }),
  );
});

Deno.test("due heap: entries come out by their time", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), fc.boolean(), (times, isTrimmed) => {
      const heap = createDueHeap();
      for (const at of times) heap.push({ key: "k", at });
      if (isTrimmed) heap.retain(({ at }) => at % 2 === 0);
      const expected = times.filter((at) => !isTrimmed || at % 2 === 0).sort((a, b) => a - b);
      const out: number[] = [];
      for (let next = heap.pop(); next !== undefined; next = heap.pop()) out.push(next.at);
      deepEqual(out, expected);
    }),
  );
});
