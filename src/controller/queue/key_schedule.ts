// SPDX-License-Identifier: Apache-2.0

import type { Random } from "../../runtime/ports.ts";
import { backoffMs } from "./backoff.ts";
import { type Lane, laneOf, TIMED, type WakeReason } from "./wake_reason.ts";

/** What is to happen with a key after its turn. */
export type AfterRun =
  /** Run again after a delay; replaces the timers of the run before. */
  | { readonly type: "again"; readonly reason: WakeReason; readonly delayMs: number }
  /** Run only when something wakes it. */
  | { readonly type: "rest" }
  /** Nothing was run: its timers stay as they are. */
  | { readonly type: "keep" }
  /** It failed: run again after a back-off, and not before `retryAfterMs`. */
  | { readonly type: "failed"; readonly retryAfterMs?: number };

/** When and why turns of one key are due. */
export interface KeySchedule {
  readonly key: string;
  /** Due time of the wake-ups of each reason. */
  readonly wakes: Map<WakeReason, number>;
  isRunning: boolean;
  /** Failures in a row. */
  failures: number;
  /** No turn begins before: the server asked for it. */
  notBefore: number;
  /** The lane of its last turn. */
  lane: Lane;
}

/** The schedule of a key that nothing is known of yet. */
export function createKeySchedule(key: string): KeySchedule {
  return { key, wakes: new Map(), isRunning: false, failures: 0, notBefore: 0, lane: "world" };
}

/** Adds a wake-up; of several with one reason the earliest counts. */
export function addWake(schedule: KeySchedule, reason: WakeReason, at: number): void {
  schedule.wakes.set(reason, Math.min(at, schedule.wakes.get(reason) ?? Infinity));
}

/** When the next turn may begin; `Infinity` when none is due. */
export function dueAt(schedule: KeySchedule): number {
  if (schedule.wakes.size === 0) return Infinity;
  return Math.max(schedule.notBefore, Math.min(...schedule.wakes.values()));
}

/** The reasons that are due at `now`. */
export function dueReasons(schedule: KeySchedule, now: number): readonly WakeReason[] {
  return [...schedule.wakes].filter(([, at]) => at <= now).map(([reason]) => reason);
}

/**
 * The lane of a turn that is due for `reasons`. A retry that follows a turn of the backlog waits with
 * the backlog: what others wait for first is not put off by what comes after.
 */
export function dueLane(schedule: KeySchedule, reasons: readonly WakeReason[]): Lane {
  const isFollowing = schedule.lane === "backlog" && reasons.includes("retry");
  return laneOf(isFollowing ? reasons.filter((reason) => reason !== "retry") : reasons);
}

/** Whether nothing but the distant resync is to come. */
export function isSettled(schedule: KeySchedule): boolean {
  if (schedule.isRunning) return false;
  return [...schedule.wakes.keys()].every((reason) => reason === "resync");
}

/** What {@linkcode endTurn} needs to know. */
export interface EndOfTurn {
  readonly now: number;
  readonly random: Random;
  readonly failureBaseMs: number;
  readonly failureMaxMs: number;
}

/** Ends a turn: its timers are replaced as `after` says; wake-ups that came meanwhile stay. */
export function endTurn(schedule: KeySchedule, after: AfterRun, end: EndOfTurn): void {
  schedule.isRunning = false;
  if (after.type === "keep") return;
  for (const reason of TIMED) schedule.wakes.delete(reason);
  schedule.failures = after.type === "failed" ? schedule.failures + 1 : 0;
  schedule.notBefore = 0;
  if (after.type === "again") addWake(schedule, after.reason, end.now + after.delayMs);
  if (after.type === "failed") scheduleFailure(schedule, after.retryAfterMs ?? 0, end);
}

function scheduleFailure(schedule: KeySchedule, waitMs: number, end: EndOfTurn): void {
  const limits = { baseMs: end.failureBaseMs, maxMs: end.failureMaxMs };
  const delayMs = Math.max(waitMs, backoffMs(schedule.failures, limits, end.random));
  if (waitMs > 0) schedule.notBefore = end.now + waitMs;
  addWake(schedule, "failure", end.now + delayMs);
}
