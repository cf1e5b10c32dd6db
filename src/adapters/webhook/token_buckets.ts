// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../runtime/ports.ts";

/** How many requests may come. */
export interface RateLimit {
  /** Requests at once after a pause. */
  readonly burst: number;
  /** Requests a second in the long run. */
  readonly perSecond: number;
  /** Senders told apart; the one heard least recently is forgotten first. */
  readonly maxSenders: number;
}

/** A bucket of tokens for each sender. */
export interface TokenBuckets {
  /** Takes a token: 0, or the seconds until there is one. */
  take(sender: string): number;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** Makes buckets that are full. */
export function createTokenBuckets(clock: Pick<Clock, "now">, limit: RateLimit): TokenBuckets {
  const buckets = new Map<string, Bucket>();
  return {
    take(sender) {
      const now = clock.now();
      const known = buckets.get(sender) ?? { tokens: limit.burst, at: now };
      const gained = Math.max(0, now - known.at) / 1_000 * limit.perSecond;
      const tokens = Math.min(limit.burst, known.tokens + gained);
      const isAllowed = tokens >= 1;
      buckets.delete(sender);
      buckets.set(sender, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
      for (const oldest of buckets.keys()) {
        if (buckets.size <= limit.maxSenders) break;
        buckets.delete(oldest);
      }
      return isAllowed ? 0 : Math.ceil((1 - tokens) / limit.perSecond);
    },
  };
}
