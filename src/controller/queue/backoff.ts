// SPDX-License-Identifier: Apache-2.0

import type { Random } from "../../runtime/ports.ts";

/** How long to wait after failures. */
export interface BackoffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Longest time for which a server's `Retry-After` is believed. */
const MAX_RETRY_AFTER_MS = 300_000;

/**
 * How long to wait after the `failures`-th failure in a row: it doubles from `baseMs` to `maxMs`,
 * and of that between half and all, so that those who failed together do not come back together.
 *
 * @param failures Failures so far, counted from 1
 */
export function backoffMs(failures: number, limits: BackoffLimits, random: Random): number {
  const ceiling = Math.min(limits.maxMs, limits.baseMs * 2 ** Math.min(failures - 1, 40));
  return Math.round(ceiling / 2 + random.next() * ceiling / 2);
}

/** A server's `Retry-After`, kept within reason. */
export function retryAfterMs(seconds: number | undefined): number {
  if (seconds === undefined || !(seconds > 0)) return 0;
  return Math.min(seconds * 1000, MAX_RETRY_AFTER_MS);
}

/** `delayMs` lengthened by up to `share` of itself, so that equal delays end apart. */
export function jittered(delayMs: number, share: number, random: Random): number {
  return Math.round(delayMs * (1 + share * random.next()));
}
