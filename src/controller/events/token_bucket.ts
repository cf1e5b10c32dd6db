// SPDX-License-Identifier: Apache-2.0

/** How often something may happen: so much at once, then one each time a token has come back. */
export interface BucketLimits {
  readonly burst: number;
  readonly refillMs: number;
}

/** A bucket of tokens. Immutable. */
export interface TokenBucket {
  readonly tokens: number;
  /** When that was so, in milliseconds. */
  readonly at: number;
}

/** A full bucket. */
export function fullBucket({ burst }: BucketLimits, now: number): TokenBucket {
  return { tokens: burst, at: now };
}

/** The bucket with the tokens that have come back. */
export function refilled(bucket: TokenBucket, limits: BucketLimits, now: number): TokenBucket {
  const tokens = Math.min(limits.burst, bucket.tokens + (now - bucket.at) / limits.refillMs);
  return { tokens, at: now };
}

/** The bucket with one token less; `undefined` when it has none. */
export function withoutToken({ tokens, at }: TokenBucket): TokenBucket | undefined {
  return tokens < 1 ? undefined : { tokens: tokens - 1, at };
}

/** When there will be a token; `at` when there is one. */
export function tokenAt({ tokens, at }: TokenBucket, { refillMs }: BucketLimits): number {
  return tokens >= 1 ? at : at + Math.ceil((1 - tokens) * refillMs);
}
