// SPDX-License-Identifier: Apache-2.0

import {
  type DefinitionFeed,
  type FeedBeginning,
  FeedError,
  type FeedMessage,
} from "../feed/feed_message.ts";
import type { RegistryLog } from "../feed/registry_log.ts";
import { backoffMs } from "../queue/backoff.ts";
import type { Abortable, Clock, Random } from "../../runtime/ports.ts";

/** What it takes to run a feed again and again. */
export interface FeedSurroundings {
  readonly feed: Pick<DefinitionFeed, "run">;
  readonly clock: Clock;
  /** For the jitter of back-off. */
  readonly random: Random;
  readonly log: Pick<RegistryLog, "failed">;
}

/** Where each run begins, and who hears of it. */
export interface FeedRun extends FeedBeginning {
  /** Deals with a message; aborted with the run that told it. */
  readonly receive: (message: FeedMessage, options: Abortable) => Promise<void>;
}

/** Waits before a feed that broke down is run again. */
const FEED_BACKOFF = { baseMs: 1_000, maxMs: 60_000 };

/**
 * Runs a feed, and runs it again when it breaks down; what is in force stays meanwhile.
 *
 * @throws The reason of the signal
 */
export async function keepFeedRunning(
  { feed, clock, random, log }: FeedSurroundings,
  { receive, seeds }: FeedRun,
  { signal }: Abortable,
): Promise<never> {
  for (let failures = 1;; failures++) {
    const startedAt = clock.now();
    // What it has told is dealt with no longer once it has ended: the next run begins without it.
    const ended = new AbortController();
    const during = { signal: AbortSignal.any([signal, ended.signal]) };
    try {
      await feed.run((message) => receive(message, during), { signal, seeds });
      throw new FeedError("crashed", "The feed of definitions came to an end");
    } catch (error) {
      ended.abort(error);
      signal.throwIfAborted();
      if (clock.now() - startedAt > FEED_BACKOFF.maxMs) failures = 1;
      const delayMs = backoffMs(failures, FEED_BACKOFF, random);
      log.failed(error, delayMs);
      await clock.sleep(delayMs, { signal });
    }
  }
}
