// SPDX-License-Identifier: Apache-2.0

import { createRecentCache, type RecentCache } from "./recent_cache.ts";

/** An object as it is stored. */
export interface RawObject {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Objects of one pack by some number: versions of a file lie close together. */
export type PackCache = Pick<RecentCache<number, RawObject>, "get" | "set">;

/** What the packs of a repository keep together. */
export interface SharedPackCache {
  /** The part of a pack that is opened: its numbers are its own. */
  part(): PackCache;
}

/** Numbers of one pack: an offset has at most 32 bits. */
const KEYS = 2 ** 32;

/** Keeps the objects used last, up to a number of bytes, and in any case the very last one. */
export function createPackCache(maxBytes: number): SharedPackCache {
  const bound = { limit: maxBytes, sizeOf: ({ bytes }: RawObject) => bytes.length };
  const shared = createRecentCache<number, RawObject>(bound);
  let parts = 0;
  return {
    part() {
      const first = parts++ * KEYS;
      return {
        get: (key) => shared.get(first + key),
        set: (key, object) => shared.set(first + key, object),
      };
    },
  };
}
