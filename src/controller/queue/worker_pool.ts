// SPDX-License-Identifier: Apache-2.0

import type { Abortable, Clock } from "../../runtime/ports.ts";
import type { AfterRun } from "./key_schedule.ts";
import type { WorkItem, WorkQueue } from "./work_queue.ts";

/** What the pool needs. */
export interface WorkerPoolOptions {
  readonly queue: WorkQueue;
  readonly clock: Clock;
  /** Turns at once. */
  readonly size: number;
  /** How long running turns may go on after the end was asked for. */
  readonly graceMs: number;
  /** Does one turn. Its signal is aborted when the grace period is over. */
  readonly work: (item: WorkItem, options: Abortable) => Promise<AfterRun>;
  /** A turn that threw: a fault of the code or of the world that `work` did not expect. */
  readonly onFailure: (item: WorkItem, failure: unknown) => AfterRun;
  /** A turn is over. */
  readonly onEnd?: () => void;
}

/**
 * Works the queue until the signal is aborted, then takes nothing new, lets what runs finish
 * within the grace period, aborts the rest and returns (law 12).
 */
export async function runWorkerPool(
  options: WorkerPoolOptions,
  { signal }: Abortable,
): Promise<void> {
  const hard = new AbortController();
  const running = new Set<Promise<void>>();
  const slots = createSlots(options.size);
  try {
    for (;;) {
      await slots.acquire({ signal });
      const item = await options.queue.take({ signal });
      const turn = runTurn(options, item, hard.signal).finally(() => {
        running.delete(turn);
        slots.release();
      });
      running.add(turn);
    }
  } catch (failure) {
    if (!signal.aborted) hard.abort(failure);
    await drain(options, running, hard);
    if (!signal.aborted) throw failure;
  }
}

async function runTurn(
  options: WorkerPoolOptions,
  item: WorkItem,
  signal: AbortSignal,
): Promise<void> {
  let after: AfterRun;
  try {
    after = await options.work(item, { signal });
  } catch (failure) {
    after = signal.aborted ? { type: "rest" } : options.onFailure(item, failure);
  }
  options.queue.finish(item.key, after);
  options.onEnd?.();
}

async function drain(
  options: WorkerPoolOptions,
  running: ReadonlySet<Promise<void>>,
  hard: AbortController,
): Promise<void> {
  const done = new AbortController();
  const grace = options.clock.sleep(options.graceMs, { signal: done.signal }).then(
    () => hard.abort(new DOMException("The grace period is over", "AbortError")),
    () => {},
  );
  await Promise.all(running);
  done.abort();
  await grace;
}

interface Slots {
  acquire(options: Abortable): Promise<void>;
  release(): void;
}

/** Counts free places. One acquirer at a time. */
function createSlots(size: number): Slots {
  let free = size;
  let freed: () => void = () => {};
  return {
    async acquire({ signal }: Abortable): Promise<void> {
      while (free === 0 && !signal.aborted) {
        const waiting = Promise.withResolvers<void>();
        freed = waiting.resolve;
        signal.addEventListener("abort", freed, { once: true });
        await waiting.promise;
        signal.removeEventListener("abort", freed);
      }
      signal.throwIfAborted();
      free--;
    },
    release(): void {
      free++;
      freed();
    },
  };
}
