// SPDX-License-Identifier: Apache-2.0

import type { Abortable, Clock } from "../runtime/ports.ts";

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /**
   * Moves the time forward and wakes every sleep that falls due, earliest first and, at the same
   * moment, in the order they were asked for. What a woken sleeper starts runs before the next
   * one wakes, and a sleep it asks for within the span is woken too.
   */
  advance(spanMs: number): Promise<void>;
  /** Moves straight to the next sleeper and wakes it; resolves with `false` when nobody sleeps. */
  advanceToNext(): Promise<boolean>;
  /** Sleeps that have not ended. */
  readonly sleeping: number;
}

/** Settings of {@linkcode createManualClock}. */
export interface ManualClockOptions {
  /** Milliseconds since 1970 to start at; default 2026-01-01T00:00:00Z. */
  readonly startMs?: number;
  /**
   * Lets woken work run before the clock moves on. The default waits for promise callbacks;
   * pass one that waits for the event loop where the work reads streams or sockets.
   */
  readonly settle?: () => Promise<void>;
}

interface Sleeper {
  readonly dueMs: number;
  readonly order: number;
  wake(): void;
}

const START_MS = 1_767_225_600_000;
const SETTLE_TURNS = 100;

/**
 * A fake clock for tests: no time passes but by {@linkcode ManualClock.advance}.
 *
 * @example A sleep of one minute that takes none
 * ```ts ignore
 * const clock = createManualClock();
 * const slept = clock.sleep(60_000, { signal });
 * await clock.advance(60_000);
 * await slept;
 * ```
 */
export function createManualClock(options: ManualClockOptions = {}): ManualClock {
  const settle = options.settle ?? settleMicrotasks;
  const sleepers = new Set<Sleeper>();
  let nowMs = options.startMs ?? START_MS;
  let order = 0;

  async function wake(sleeper: Sleeper): Promise<void> {
    nowMs = Math.max(nowMs, sleeper.dueMs);
    sleepers.delete(sleeper);
    sleeper.wake();
    await settle();
  }

  return {
    now: () => nowMs,
    get sleeping() {
      return sleepers.size;
    },
    sleep(delayMs, { signal }: Abortable) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const dueMs = nowMs + Math.max(0, delayMs);
        const abort = () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        };
        const wake = () => {
          signal.removeEventListener("abort", abort);
          resolve();
        };
        const sleeper: Sleeper = { dueMs, order: order++, wake };
        signal.addEventListener("abort", abort, { once: true });
        sleepers.add(sleeper);
      });
    },
    async advance(spanMs) {
      const untilMs = nowMs + spanMs;
      await settle();
      for (let next = earliest(sleepers); next !== undefined; next = earliest(sleepers)) {
        if (next.dueMs > untilMs) break;
        await wake(next);
      }
      nowMs = untilMs;
      await settle();
    },
    async advanceToNext() {
      await settle();
      const next = earliest(sleepers);
      if (next === undefined) return false;
      await wake(next);
      return true;
    },
  };
}

function earliest(sleepers: Iterable<Sleeper>): Sleeper | undefined {
  let first: Sleeper | undefined;
  for (const sleeper of sleepers) {
    if (
      first === undefined || sleeper.dueMs < first.dueMs ||
      (sleeper.dueMs === first.dueMs && sleeper.order < first.order)
    ) first = sleeper;
  }
  return first;
}

async function settleMicrotasks(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await Promise.resolve();
}
