// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../runtime/ports.ts";
import type { ControllerEvent } from "../events/controller_event.ts";
import type { RunTests } from "../gate/gate_faults.ts";

/** What is told by whoever follows repositories: plain data, as it may come from another thread. */
export type FeedEvent = Extract<
  ControllerEvent,
  { type: "source-polled" | "revision-judged" | "tests-ran" | "request-ended" }
>;

/** Is told of every event, in order. Must not throw. */
export type FeedObserver = (event: FeedEvent) => void;

/** Where events go, and what time they are measured by. */
export interface FeedTelling {
  readonly clock: Pick<Clock, "now">;
  readonly observe: FeedObserver;
}

/** Runs tests, and tells how many that were. */
export function observedTests(runTests: RunTests, { clock, observe }: FeedTelling): RunTests {
  return async (program, tests, options) => {
    const began = clock.now();
    const verdicts = await runTests(program, tests, options);
    const failed = verdicts.filter(({ passed }) => !passed).length;
    const durationMs = clock.now() - began;
    observe({ type: "tests-ran", tests: tests.length, failed, durationMs });
    return verdicts;
  };
}

/** Events that wait to be fetched; of more than can be kept the oldest are lost. */
export interface WaitingEvents {
  /** Takes one. */
  readonly observe: FeedObserver;
  /** All that came since the last time. */
  take(): readonly FeedEvent[];
}

const MAX_WAITING = 1_000;

/** Nothing waits yet. */
export function createWaitingEvents(): WaitingEvents {
  const waiting: FeedEvent[] = [];
  return {
    observe(event) {
      waiting.push(event);
      if (waiting.length > MAX_WAITING) waiting.shift();
    },
    take: () => waiting.splice(0),
  };
}
