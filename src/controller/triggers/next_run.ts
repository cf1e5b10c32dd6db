// SPDX-License-Identifier: Apache-2.0

import type { Outcome } from "../../language/mod.ts";
import type { Random } from "../../runtime/ports.ts";
import { jittered } from "../queue/backoff.ts";
import type { AfterRun } from "../queue/key_schedule.ts";

/** Runs of one trigger that followed each other at once. */
export interface QuickRuns {
  readonly all: number;
  /** Of these the last ones in a row that wrote nothing. */
  readonly idle: number;
}

/** What a run ended with, as far as the next one depends on it. */
export interface RunEnd {
  readonly outcome: Outcome;
  /** When clean-up goes on; absent when there is nothing to clean up. */
  readonly cleanUpDelaySeconds?: number | undefined;
  /** Whether anything was written to managed objects. */
  readonly hasWritten: boolean;
  readonly quickRuns: QuickRuns;
  /** Whether the trigger is being deleted: then only clean-up goes on (CL-21). */
  readonly isEnding: boolean;
}

/** How the delays are chosen. */
export interface RunTiming {
  readonly resyncMs: number;
  readonly random: Random;
}

/** When a trigger runs next. */
export interface NextRun {
  readonly after: AfterRun;
  readonly quickRuns: QuickRuns;
}

/** A trigger that has had no run yet, or a slow one. */
export const NO_QUICK_RUNS: QuickRuns = { all: 0, idle: 0 };

const QUICK_MS = 1_000;
/** Jitter on the delays of a `Retry`: what failed together does not come back together. */
const RETRY_JITTER = 0.1;
const RESYNC_JITTER = 0.1;
/** Runs at once that are fine: without a write, and with one each (a chain of created objects). */
const FREE_IDLE = 3;
const FREE_ALL = 100;
const MAX_SLOWDOWN_MS = 30_000;

/**
 * When the next run of a trigger is due by itself (TR-18, CL-23).
 *
 * Definitions may ask for runs without delay; if these lead nowhere they are slowed down, so that
 * one trigger cannot keep a worker busy for ever.
 */
export function nextRun(end: RunEnd, timing: RunTiming): NextRun {
  const { outcome, cleanUpDelaySeconds = Infinity } = end;
  const own = outcome.type === "Retry" ? outcome.delaySeconds : Infinity;
  const delaySeconds = Math.min(own, cleanUpDelaySeconds);
  if (delaySeconds !== Infinity) return retry(delaySeconds * 1000, end, timing);
  if (outcome.type === "PermFail" || end.isEnding) {
    return { after: { type: "rest" }, quickRuns: NO_QUICK_RUNS };
  }
  const delayMs = jittered(timing.resyncMs, RESYNC_JITTER, timing.random);
  return { after: { type: "again", reason: "resync", delayMs }, quickRuns: NO_QUICK_RUNS };
}

function retry(askedMs: number, end: RunEnd, { random }: RunTiming): NextRun {
  if (askedMs >= QUICK_MS) {
    const delayMs = jittered(askedMs, RETRY_JITTER, random);
    return { after: { type: "again", reason: "retry", delayMs }, quickRuns: NO_QUICK_RUNS };
  }
  const quickRuns = {
    all: end.quickRuns.all + 1,
    idle: end.hasWritten ? 0 : end.quickRuns.idle + 1,
  };
  const delayMs = Math.max(askedMs, slowdownMs(quickRuns));
  return { after: { type: "again", reason: "retry", delayMs }, quickRuns };
}

function slowdownMs({ all, idle }: QuickRuns): number {
  const excess = Math.max(idle - FREE_IDLE, all - FREE_ALL, 0);
  return excess === 0 ? 0 : Math.min(MAX_SLOWDOWN_MS, 100 * 2 ** Math.min(excess - 1, 20));
}

/** Whether the next run follows so soon that a status written now would be replaced (ST-1). */
export function isStatusReplacedSoon(after: AfterRun): boolean {
  return after.type === "again" && after.delayMs < QUICK_MS;
}
