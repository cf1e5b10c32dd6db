// SPDX-License-Identifier: Apache-2.0

import type { Abortable, Clock, Random } from "../../runtime/ports.ts";
import { createDueHeap, type DueKey } from "./due_heap.ts";
import { createKeyLanes } from "./key_lanes.ts";
import {
  addWake,
  type AfterRun,
  createKeySchedule,
  dueAt,
  dueLane,
  dueReasons,
  endTurn,
  isSettled,
  type KeySchedule,
} from "./key_schedule.ts";
import { createNap } from "./nap.ts";
import type { WakeReason } from "./wake_reason.ts";

/** A key whose turn it is, and why. */
export interface WorkItem {
  readonly key: string;
  readonly reasons: readonly WakeReason[];
  /** How long it was due. */
  readonly waitMs: number;
}

/** How full the queue is. */
export interface QueueStatus {
  /** Due now, and waiting for a worker. */
  readonly ready: number;
  /** Due later. */
  readonly delayed: number;
  /** In a turn. */
  readonly running: number;
}

/**
 * Whose turn it is.
 *
 * A key is handed out at most once at a time (law 1); wake-ups before its turn make one turn
 * (law 2); a wake-up during its turn makes another one after it (law 3). One taker at a time.
 */
export interface WorkQueue {
  /** Makes a turn of `key` due, now or after `delayMs`. The earliest of one reason counts. */
  wake(key: string, reason: WakeReason, delayMs?: number): void;
  /** Waits for the next turn. Each one taken must be finished. */
  take(options: Abortable): Promise<WorkItem>;
  /** Ends the turn of `key`. */
  finish(key: string, after: AfterRun): void;
  /** Forgets a key that is gone. A turn that goes on may end. */
  forget(key: string): void;
  /** Keys in a turn, or with one due for another reason than `resync`. */
  readonly unsettled: ReadonlySet<string>;
  status(): QueueStatus;
}

/** What the queue needs. */
export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** First and longest back-off after failures. */
  readonly failureBaseMs?: number;
  readonly failureMaxMs?: number;
}

/** Makes an empty queue. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { clock, random, failureBaseMs = 1_000, failureMaxMs = 300_000 } = options;
  const schedules = new Map<string, KeySchedule>();
  const unsettled = new Set<string>();
  const lanes = createKeyLanes();
  const delayed = createDueHeap();
  const nap = createNap(clock);
  let running = 0;

  function scheduleOf(key: string): KeySchedule {
    const schedule = schedules.get(key) ?? createKeySchedule(key);
    schedules.set(key, schedule);
    return schedule;
  }

  /** Puts a key where its wake-ups say it belongs: ready, delayed or forgotten. */
  function arrange(schedule: KeySchedule): void {
    if (isSettled(schedule)) unsettled.delete(schedule.key);
    else unsettled.add(schedule.key);
    if (schedule.isRunning) return;
    const at = dueAt(schedule);
    if (at <= clock.now()) return makeReady(schedule);
    lanes.leave(schedule.key);
    if (at === Infinity) schedules.delete(schedule.key);
    else delay(schedule.key, at);
  }

  function makeReady(schedule: KeySchedule): void {
    lanes.put(schedule.key, dueLane(schedule, dueReasons(schedule, clock.now())));
    nap.end();
  }

  function delay(key: string, at: number): void {
    const earliest = delayed.peek()?.at ?? Infinity;
    delayed.push({ key, at });
    if (at < earliest) nap.end();
    // Entries that were overtaken stay until they come up: bound them.
    if (delayed.size > 64 + 2 * schedules.size) delayed.retain(isCurrent);
  }

  function isCurrent({ key, at }: DueKey): boolean {
    const schedule = schedules.get(key);
    return schedule !== undefined && !schedule.isRunning && !lanes.has(key) &&
      dueAt(schedule) === at;
  }

  function promote(): void {
    for (let entry = delayed.peek(); entry !== undefined; entry = delayed.peek()) {
      const schedule = isCurrent(entry) ? schedules.get(entry.key) : undefined;
      if (schedule !== undefined && entry.at > clock.now()) return;
      delayed.pop();
      if (schedule !== undefined) makeReady(schedule);
    }
  }

  function takeReady(): WorkItem | undefined {
    promote();
    const schedule = schedules.get(lanes.next() ?? "");
    if (schedule === undefined) return undefined;
    const waitMs = clock.now() - dueAt(schedule);
    const reasons = dueReasons(schedule, clock.now());
    schedule.lane = dueLane(schedule, reasons);
    for (const reason of reasons) schedule.wakes.delete(reason);
    schedule.isRunning = true;
    running++;
    return { key: schedule.key, reasons, waitMs };
  }

  return {
    wake(key: string, reason: WakeReason, delayMs = 0): void {
      const schedule = scheduleOf(key);
      addWake(schedule, reason, clock.now() + delayMs);
      arrange(schedule);
    },
    async take({ signal }: Abortable): Promise<WorkItem> {
      for (;;) {
        signal.throwIfAborted();
        const item = takeReady();
        if (item !== undefined) return item;
        await nap.until(delayed.peek()?.at ?? Infinity, { signal });
      }
    },
    finish(key: string, after: AfterRun): void {
      const schedule = schedules.get(key);
      if (schedule === undefined || !schedule.isRunning) {
        throw new TypeError(`Cannot finish "${key}": it is not in a turn`);
      }
      running--;
      endTurn(schedule, after, { now: clock.now(), random, failureBaseMs, failureMaxMs });
      arrange(schedule);
    },
    forget(key: string): void {
      const schedule = schedules.get(key);
      if (schedule === undefined) return;
      schedule.wakes.clear();
      schedule.notBefore = 0;
      arrange(schedule);
    },
    unsettled,
    status(): QueueStatus {
      const ready = lanes.size;
      return { ready, running, delayed: schedules.size - ready - running };
    },
  };
}
