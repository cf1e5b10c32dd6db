// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../../runtime/mod.ts";
import type { FeedObserver } from "./feed_event.ts";
import {
  type Abortable,
  type Clock,
  RepositoryError,
  UnverifiedError,
} from "../../runtime/ports.ts";
import { createNap } from "../queue/nap.ts";
import type { RegistryFailure } from "./channel_status.ts";
import type { RegistryLog } from "./registry_log.ts";
import type { SourceFollower } from "./source_follower.ts";

/** Brings the channels of a source up to date again and again. */
export interface SourcePoll {
  /** Once; rejects with the first failure. */
  refresh(options: Abortable): Promise<void>;
  /** Until aborted; rejects with the reason of the abort. */
  run(options: Abortable): Promise<void>;
  /** Makes the next attempt due now. */
  wake(): void;
  /** Whether an attempt has come to its end, well or not. */
  readonly wasTried: boolean;
  /** What is wrong now; absent when the last attempt went well. */
  readonly lastError: RegistryFailure | undefined;
}

/** What polling a source needs. */
export interface SourcePollOptions {
  /** Name of the source. */
  readonly name: string;
  readonly follower: SourceFollower;
  /** Time from one poll to the next. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: RegistryLog;
  /** An attempt came to its end. */
  readonly onTried: () => void;
  /** Is told how each attempt ended. */
  readonly observe: FeedObserver;
}

/** Longest wait after failures, unless the interval is longer. */
const MAX_BACKOFF_MS = 300_000;

/** Makes a poll that has not begun. */
export function createSourcePoll(options: SourcePollOptions): SourcePoll {
  const { follower, intervalMs, clock, log, onTried } = options;
  const nap = createNap(clock);
  let lastError: RegistryFailure | undefined;
  /** Whether the last attempt brought some channels up to date, or all but for a signature. */
  let isPartial = false;
  let wasTried = false;
  let last: Promise<unknown> = Promise.resolve();
  let isWoken = false;

  async function attempt(to: Abortable): Promise<void> {
    to.signal.throwIfAborted();
    const began = clock.now();
    isPartial = false;
    try {
      const { failures, channels } = await follower.update(to);
      const [failure] = failures;
      isPartial = failures.length < channels || failures.every(isRefusal);
      if (failure !== undefined) throw failure;
      if (lastError !== undefined) log.recovered(lastError.failures);
      lastError = undefined;
    } catch (error) {
      to.signal.throwIfAborted();
      lastError = failureOf(error, { at: clock.now(), before: lastError });
      throw error;
    } finally {
      wasTried = true;
      tellPolled(began);
      onTried();
    }
  }

  function tellPolled(began: number): void {
    const at = clock.now();
    const failure = lastError === undefined ? {} : { failure: lastError.code ?? "error" };
    const durationMs = at - began;
    options.observe({ type: "source-polled", source: options.name, durationMs, at, ...failure });
  }

  /** One at a time: a poll that waits for another finds its work done. */
  function inTurn(to: Abortable): Promise<void> {
    const running = last.then(() => attempt(to));
    last = running.catch(() => {});
    return running;
  }

  /** When the next attempt is due. What stands in the way of some channels slows no others. */
  async function poll(to: Abortable): Promise<number> {
    const due = clock.now() + intervalMs;
    const told = lastError?.message;
    try {
      await inTurn(to);
      return due;
    } catch (error) {
      to.signal.throwIfAborted();
      const delayMs = retryDelayMs(isPartial ? 1 : lastError?.failures ?? 1, intervalMs);
      const retryAt = clock.now() + delayMs;
      if (lastError !== undefined) lastError = { ...lastError, retryAt };
      if (!isPartial || told !== lastError?.message) log.failed(error, delayMs);
      return retryAt;
    }
  }

  return {
    get wasTried() {
      return wasTried;
    },
    get lastError() {
      return lastError;
    },
    refresh: inTurn,
    wake() {
      isWoken = true;
      nap.end();
    },
    async run(to) {
      for (;;) {
        to.signal.throwIfAborted();
        isWoken = false;
        const due = await poll(to);
        if (!isWoken) await nap.until(due, to);
      }
    },
  };
}

/** The repository answers as it should; a signed commit may come at any time. */
function isRefusal(failure: Error): boolean {
  return failure instanceof UnverifiedError;
}

function failureOf(
  error: unknown,
  { at, before }: { readonly at: number; readonly before: RegistryFailure | undefined },
): RegistryFailure {
  return {
    message: errorText(error),
    ...(error instanceof RepositoryError ? { code: error.code } : {}),
    at,
    failures: (before?.failures ?? 0) + 1,
  };
}

/** Doubles from the interval on. */
function retryDelayMs(failures: number, intervalMs: number): number {
  const ceiling = Math.max(MAX_BACKOFF_MS, intervalMs);
  return Math.min(ceiling, intervalMs * 2 ** Math.min(failures - 1, 30));
}
