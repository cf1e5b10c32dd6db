// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import fc from "fast-check";
import type { AfterRun } from "../../../src/controller/queue/key_schedule.ts";
import {
  createWorkQueue,
  type WorkItem,
  type WorkQueue,
} from "../../../src/controller/queue/work_queue.ts";
import type { WakeReason } from "../../../src/controller/queue/wake_reason.ts";
import { createManualClock, type ManualClock } from "../../../src/simulator/manual_clock.ts";
import { createSeededRandom } from "../../../src/simulator/seeded_random.ts";

function setUp() {
  const clock = createManualClock();
  const queue = createWorkQueue({ clock, random: createSeededRandom(7) });
  return { clock, queue };
}

/** The turn that is ready now, or `undefined`. */
async function takeNow(queue: WorkQueue): Promise<WorkItem | undefined> {
  const giveUp = new AbortController();
  const taken = queue.take({ signal: giveUp.signal }).catch(() => undefined);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  giveUp.abort();
  return await taken;
}

async function drain(queue: WorkQueue): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let item = await takeNow(queue); item !== undefined; item = await takeNow(queue)) {
    keys.push(item.key);
  }
  return keys;
}

Deno.test("law 1: a key in its turn is not handed out again", async () => {
  const { queue } = setUp();
  queue.wake("a", "seen");
  equal((await takeNow(queue))?.key, "a");
  queue.wake("a", "edited");
  equal(await takeNow(queue), undefined);
});

Deno.test("law 2: many wake-ups before a turn make one turn, with all their reasons", async () => {
  const { queue } = setUp();
  for (const reason of ["seen", "edited", "managed", "edited"] as const) queue.wake("a", reason);
  const reasons = ["seen", "edited", "managed"];
  deepEqual(await takeNow(queue), { key: "a", reasons, waitMs: 0 });
  queue.finish("a", { type: "rest" });
  equal(await takeNow(queue), undefined);
});

Deno.test("law 3: a wake-up during a turn makes another turn, whatever the first ended with", async () => {
  const ends: readonly AfterRun[] = [
    { type: "rest" },
    { type: "keep" },
    { type: "failed" },
    { type: "again", reason: "resync", delayMs: 1_200_000 },
  ];
  for (const after of ends) {
    const { queue } = setUp();
    queue.wake("a", "seen");
    await takeNow(queue);
    queue.wake("a", "managed");
    queue.finish("a", after);
    deepEqual(await takeNow(queue), { key: "a", reasons: ["managed"], waitMs: 0 }, after.type);
  }
});

Deno.test("a waiting taker gets a key as soon as it is woken", async () => {
  const { queue } = setUp();
  const taken = queue.take({ signal: new AbortController().signal });
  queue.wake("a", "edited");
  equal((await taken).key, "a");
});

Deno.test("a delayed wake-up is due after its delay, and an earlier one overtakes it", async () => {
  const { clock, queue } = setUp();
  const taken: string[] = [];
  const stop = new AbortController();
  const taker = takeAll(queue, taken, stop.signal);
  queue.wake("late", "retry", 60_000);
  queue.wake("soon", "retry", 10_000);
  await clock.advance(9_999);
  deepEqual(taken, []);
  await clock.advance(1);
  deepEqual(taken, ["soon"]);
  await clock.advance(50_000);
  deepEqual(taken, ["soon", "late"]);
  stop.abort();
  await taker;
});

async function takeAll(queue: WorkQueue, taken: string[], signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      const { key } = await queue.take({ signal });
      taken.push(key);
      queue.finish(key, { type: "rest" });
    }
  } catch (failure) {
    if (!signal.aborted) throw failure;
  }
}

Deno.test("law 10: failures of a key double its back-off up to the limit, with jitter", async () => {
  const { clock, queue } = setUp();
  queue.wake("a", "seen");
  for (let failure = 1; failure <= 12; failure++) {
    ok(await takeNow(queue) !== undefined, `failure ${failure}`);
    queue.finish("a", { type: "failed" });
    const ceiling = Math.min(300_000, 1_000 * 2 ** (failure - 1));
    await clock.advance(ceiling / 2 - 1);
    equal(await takeNow(queue), undefined, `not within half of ${ceiling} ms`);
    await clock.advance(ceiling / 2 + 1);
  }
});

Deno.test("law 10: Retry-After is honoured, by an edit too", async () => {
  const { clock, queue } = setUp();
  queue.wake("a", "seen");
  await takeNow(queue);
  queue.finish("a", { type: "failed", retryAfterMs: 45_000 });
  queue.wake("a", "edited");
  await clock.advance(44_999);
  equal(await takeNow(queue), undefined);
  await clock.advance(1);
  ok((await takeNow(queue))?.reasons.includes("edited"));
});

Deno.test("law 10: a success ends the back-off", async () => {
  const { clock, queue } = setUp();
  queue.wake("a", "seen");
  for (let failure = 0; failure < 5; failure++) {
    await takeNow(queue);
    queue.finish("a", { type: "failed" });
    await clock.advance(300_000);
  }
  await takeNow(queue);
  queue.finish("a", { type: "rest" });
  queue.wake("a", "edited");
  await takeNow(queue);
  queue.finish("a", { type: "failed" });
  await clock.advance(1_000);
  ok(await takeNow(queue) !== undefined);
});

Deno.test("law 10: a key in back-off delays no other", async () => {
  const { queue } = setUp();
  queue.wake("bad", "seen");
  queue.wake("good", "seen");
  await takeNow(queue);
  queue.finish("bad", { type: "failed", retryAfterMs: 300_000 });
  equal((await takeNow(queue))?.key, "good");
});

Deno.test("law 13: what a user edited comes before the backlog of a restart", async () => {
  const { queue } = setUp();
  for (let index = 0; index < 100; index++) queue.wake(`old-${index}`, "seen");
  queue.wake("old-70", "edited");
  queue.wake("new", "edited");
  deepEqual((await drain(queue)).slice(0, 3), ["old-70", "new", "old-0"]);
});

Deno.test("law 13: a retry waits with the backlog when it follows a turn of the backlog", async () => {
  const { queue } = setUp();
  for (const key of ["old-1", "old-2", "old-3"]) queue.wake(key, "seen");
  equal((await takeNow(queue))?.key, "old-1");
  queue.finish("old-1", { type: "again", reason: "retry", delayMs: 0 });
  queue.wake("new", "edited");
  equal((await takeNow(queue))?.key, "new");
  queue.finish("new", { type: "again", reason: "retry", delayMs: 0 });
  deepEqual(await drain(queue), ["new", "old-2", "old-3", "old-1"]);
});

Deno.test("law 13: a stream of edits does not starve the backlog", async () => {
  const { queue } = setUp();
  queue.wake("backlog", "seen");
  for (let index = 0; index < 100; index++) queue.wake(`edit-${index}`, "edited");
  equal((await drain(queue)).indexOf("backlog"), 16);
});

Deno.test("a turn that ran replaces the timers of the run before; one that did not keeps them", async () => {
  const { clock, queue } = setUp();
  queue.wake("a", "seen");
  await takeNow(queue);
  queue.finish("a", { type: "again", reason: "retry", delayMs: 30_000 });
  queue.wake("a", "status", 1_000);
  await clock.advance(1_000);
  deepEqual((await takeNow(queue))?.reasons, ["status"]);
  queue.finish("a", { type: "keep" });
  queue.wake("a", "edited");
  deepEqual((await takeNow(queue))?.reasons, ["edited"]);
  queue.finish("a", { type: "again", reason: "resync", delayMs: 1_200_000 });
  await clock.advance(1_199_999);
  equal(await takeNow(queue), undefined);
  await clock.advance(1);
  deepEqual((await takeNow(queue))?.reasons, ["resync"]);
});

Deno.test("a key is unsettled until nothing but its resync is to come", async () => {
  const { queue } = setUp();
  queue.wake("a", "seen");
  equal(queue.unsettled.size, 1);
  await takeNow(queue);
  queue.finish("a", { type: "again", reason: "retry", delayMs: 5_000 });
  equal(queue.unsettled.size, 1);
  queue.wake("a", "edited");
  await takeNow(queue);
  queue.finish("a", { type: "again", reason: "resync", delayMs: 1_200_000 });
  equal(queue.unsettled.size, 0);
  deepEqual(queue.status(), { ready: 0, running: 0, delayed: 1 });
});

Deno.test("a forgotten key has no turn any more, and may come back", async () => {
  const { queue } = setUp();
  queue.wake("a", "seen");
  queue.forget("a");
  equal(await takeNow(queue), undefined);
  queue.wake("a", "edited");
  await takeNow(queue);
  queue.wake("a", "managed");
  queue.forget("a");
  queue.finish("a", { type: "rest" });
  deepEqual(queue.status(), { ready: 0, running: 0, delayed: 0 });
});

Deno.test("finish() refuses a key that is not in a turn", () => {
  const { queue } = setUp();
  throws(() => queue.finish("a", { type: "rest" }), TypeError);
});

Deno.test("take() rejects with the reason of the abort", async () => {
  const { queue } = setUp();
  const stop = new AbortController();
  const taken = queue.take({ signal: stop.signal });
  stop.abort(new DOMException("enough", "AbortError"));
  await rejects(taken, { message: "enough" });
});

type Step =
  | {
    readonly type: "wake";
    readonly key: string;
    readonly reason: WakeReason;
    readonly delayMs: number;
  }
  | { readonly type: "take" }
  | { readonly type: "finish"; readonly after: AfterRun }
  | { readonly type: "advance"; readonly spanMs: number };

const REASONS: readonly WakeReason[] = ["edited", "managed", "seen", "definitions", "status"];
const DELAY = fc.constantFrom(0, 0, 0, 500, 5_000);
const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant("wake" as const),
    key: fc.constantFrom("a", "b", "c", "d"),
    reason: fc.constantFrom(...REASONS),
    delayMs: DELAY,
  }),
  fc.constant({ type: "take" as const }),
  fc.record({
    type: fc.constant("finish" as const),
    after: fc.oneof(
      fc.constantFrom<AfterRun>({ type: "rest" }, { type: "keep" }, { type: "failed" }),
      DELAY.map((delayMs): AfterRun => ({ type: "again", reason: "retry", delayMs })),
    ),
  }),
  fc.record({ type: fc.constant("advance" as const), spanMs: fc.constantFrom(1, 700, 10_000) }),
);

/** What the laws say of any history. */
interface History {
  /** Wake-ups that no turn has served yet: key and reason to the time when they are due. */
  readonly owed: Map<string, number>;
  readonly running: string[];
}

async function play(step: Step, at: { clock: ManualClock; queue: WorkQueue; history: History }) {
  const { clock, queue, history } = at;
  if (step.type === "wake") {
    queue.wake(step.key, step.reason, step.delayMs);
    const due = clock.now() + step.delayMs;
    const owed = `${step.key} ${step.reason}`;
    history.owed.set(owed, Math.min(due, history.owed.get(owed) ?? Infinity));
  } else if (step.type === "advance") {
    await clock.advance(step.spanMs);
  } else if (step.type === "finish") {
    const key = history.running.shift();
    if (key !== undefined) queue.finish(key, step.after);
  } else {
    await playTake(at);
  }
}

async function playTake(
  { clock, queue, history }: { clock: ManualClock; queue: WorkQueue; history: History },
) {
  const item = await takeNow(queue);
  if (item === undefined) {
    const isOwed = [...history.owed].some(([owed, due]) =>
      due <= clock.now() && !history.running.includes(keyOf(owed))
    );
    ok(!isOwed, "law 3: a due wake-up was not served");
    return;
  }
  ok(!history.running.includes(item.key), "law 1: a key was handed out twice");
  history.running.push(item.key);
  for (const [owed, due] of history.owed) {
    if (keyOf(owed) === item.key && due <= clock.now()) history.owed.delete(owed);
  }
}

function keyOf(owed: string): string {
  return owed.slice(0, owed.indexOf(" "));
}

Deno.test("laws 1 and 3 hold for every history of wake-ups, turns and time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 80 }), async (steps) => {
      const { clock, queue } = setUp();
      const history: History = { owed: new Map(), running: [] };
      for (const step of steps) await play(step, { clock, queue, history });
      for (const key of history.running.splice(0)) queue.finish(key, { type: "rest" });
      await clock.advance(1_000_000);
      await drainOwed(queue, history);
      deepEqual([...history.owed], []);
    }),
    { numRuns: 300 },
  );
});

async function drainOwed(queue: WorkQueue, history: History): Promise<void> {
  for (let item = await takeNow(queue); item !== undefined; item = await takeNow(queue)) {
    for (const reason of item.reasons) history.owed.delete(`${item.key} ${reason}`);
    queue.finish(item.key, { type: "rest" });
  }
}
