// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  isStatusReplacedSoon,
  nextRun,
  NO_QUICK_RUNS,
  type RunEnd,
} from "../../../src/controller/triggers/next_run.ts";
import type { AfterRun } from "../../../src/controller/queue/key_schedule.ts";
import type { NonOk } from "../../../src/language/mod.ts";

const timing = (chance: number) => ({ resyncMs: 1_200_000, random: { next: () => chance } });
const retry = (delaySeconds: number): NonOk => ({ type: "Retry", delaySeconds });
const END: RunEnd = {
  outcome: { type: "Ok", value: null },
  hasWritten: false,
  quickRuns: NO_QUICK_RUNS,
  isEnding: false,
};
const RESYNC: AfterRun = { type: "again", reason: "resync", delayMs: 1_200_000 };

const CASES: readonly {
  readonly name: string;
  readonly end: Partial<RunEnd>;
  readonly after: AfterRun;
}[] = [
  { name: "Ok is looked at again after the resync", end: {}, after: RESYNC },
  { name: "so is Skip", end: { outcome: { type: "Skip" } }, after: RESYNC },
  { name: "so is DepSkip", end: { outcome: { type: "DepSkip" } }, after: RESYNC },
  {
    name: "Retry runs after its delay",
    end: { outcome: retry(30) },
    after: { type: "again", reason: "retry", delayMs: 30_000 },
  },
  {
    name: "Retry without delay runs at once",
    end: { outcome: retry(0) },
    after: { type: "again", reason: "retry", delayMs: 0 },
  },
  {
    name: "PermFail has no timed run",
    end: { outcome: { type: "PermFail" } },
    after: { type: "rest" },
  },
  {
    name: "CL-23 clean-up goes on after its delay",
    end: { cleanUpDelaySeconds: 15 },
    after: { type: "again", reason: "retry", delayMs: 15_000 },
  },
  {
    name: "CL-23 so it does after PermFail",
    end: { outcome: { type: "PermFail" }, cleanUpDelaySeconds: 15 },
    after: { type: "again", reason: "retry", delayMs: 15_000 },
  },
  {
    name: "CL-23 the smaller of the two delays counts",
    end: { outcome: retry(5), cleanUpDelaySeconds: 15 },
    after: { type: "again", reason: "retry", delayMs: 5_000 },
  },
  {
    name: "CL-21 a trigger at its end has no resync",
    end: { isEnding: true },
    after: { type: "rest" },
  },
];

for (const { name, end, after } of CASES) {
  Deno.test(`TR-18 ${name}`, () => deepEqual(nextRun({ ...END, ...end }, timing(0)).after, after));
}

Deno.test("law 10: delays are never shortened and lengthened by a tenth at most", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3_600 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (s, chance) => {
        const { after } = nextRun({ ...END, outcome: retry(s) }, timing(chance));
        ok(after.type === "again" && after.delayMs >= s * 1000 && after.delayMs <= s * 1100);
      },
    ),
  );
});

Deno.test("runs at once that write nothing are slowed down, those that write are not", () => {
  const delays = (hasWritten: boolean, runs: number) => {
    let quickRuns = NO_QUICK_RUNS;
    return Array.from({ length: runs }, () => {
      const next = nextRun({ ...END, outcome: retry(0), hasWritten, quickRuns }, timing(0));
      quickRuns = next.quickRuns;
      return next.after.type === "again" ? next.after.delayMs : -1;
    });
  };
  deepEqual(delays(false, 8), [0, 0, 0, 100, 200, 400, 800, 1_600]);
  equal(delays(false, 30).at(-1), 30_000);
  equal(Math.max(...delays(true, 100)), 0);
  equal(delays(true, 120).at(-1), 30_000);
});

Deno.test("ST-1 a status that a run within a second will replace is not written", () => {
  equal(isStatusReplacedSoon({ type: "again", reason: "retry", delayMs: 999 }), true);
  equal(isStatusReplacedSoon({ type: "again", reason: "retry", delayMs: 1_000 }), false);
  equal(isStatusReplacedSoon({ type: "rest" }), false);
});
