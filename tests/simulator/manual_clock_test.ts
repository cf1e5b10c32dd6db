// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import { createManualClock } from "../../src/simulator/mod.ts";

const { signal } = new AbortController();

Deno.test("the manual clock stands still by itself", async () => {
  const clock = createManualClock({ startMs: 5 });
  let woken = false;
  void clock.sleep(1, { signal }).then(() => woken = true);
  await clock.advance(0);
  deepEqual([clock.now(), woken, clock.sleeping], [5, false, 1]);
});

Deno.test("the manual clock wakes sleepers in the order they fall due", async () => {
  const clock = createManualClock({ startMs: 0 });
  const woken: string[] = [];
  for (const [name, delayMs] of [["c", 30], ["a", 10], ["b", 20], ["b2", 20]] as const) {
    void clock.sleep(delayMs, { signal }).then(() => woken.push(`${name}@${clock.now()}`));
  }
  await clock.advance(25);
  deepEqual([woken, clock.now()], [["a@10", "b@20", "b2@20"], 25]);
});

Deno.test("the manual clock wakes a sleep that a woken sleeper asks for", async () => {
  const clock = createManualClock({ startMs: 0 });
  const woken: number[] = [];
  async function tick(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) {
      await clock.sleep(10, { signal });
      woken.push(clock.now());
    }
  }
  const ticking = tick();
  await clock.advance(50);
  await ticking;
  deepEqual(woken, [10, 20, 30, 40, 50]);
});

Deno.test("the manual clock rejects a sleep that is aborted, with its reason", async () => {
  const clock = createManualClock();
  const stop = new AbortController();
  const sleeping = clock.sleep(10, stop);
  stop.abort(new RangeError("enough"));
  await rejects(sleeping, { message: "enough" });
  await rejects(clock.sleep(10, stop), { message: "enough" });
  equal(clock.sleeping, 0);
});

Deno.test("the manual clock moves to the next sleeper", async () => {
  const clock = createManualClock({ startMs: 0 });
  const sleeping = clock.sleep(70, { signal });
  equal(await clock.advanceToNext(), true);
  await sleeping;
  deepEqual([clock.now(), await clock.advanceToNext()], [70, false]);
});

Deno.test("the manual clock wakes everyone once, in order, whatever the steps", async () => {
  const delays = fc.array(fc.nat(100), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(delays, fc.array(fc.nat(30)), async (sleeps, steps) => {
      const clock = createManualClock({ startMs: 0 });
      const woken: number[] = [];
      for (const delayMs of sleeps) {
        void clock.sleep(delayMs, { signal }).then(() => woken.push(delayMs));
      }
      for (const step of steps) await clock.advance(step);
      await clock.advance(100);
      deepEqual(woken, sleeps.toSorted((one, other) => one - other));
    }),
    { numRuns: 50 },
  );
});
