// SPDX-License-Identifier: Apache-2.0

import { freeBytes } from "./free_bytes.ts";
import { createRecentCache, type RecentCache } from "./recent_cache.ts";

/** An object as it is stored. */
export interface RawObject {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** An object, and what it costs to make it. */
export interface MadeObject extends RawObject {
  /** Bytes of it and of all versions between it and the one that is no delta. */
  readonly chainBytes: number;
}

/** Objects of one pack by some number: versions of a file lie close together. */
export interface PackCache extends Pick<RecentCache<number, MadeObject>, "get" | "set"> {
  /** From now on others look at the object too: its room is not freed when it is dropped. */
  share(object: RawObject): void;
}

/** What the packs of a repository keep together. */
export interface SharedPackCache {
  /** The part of a pack that is opened: its numbers are its own. */
  part(): PackCache;
}

/** What an object takes besides its bytes. */
const OBJECT_BYTES = 256;

/** What it takes to keep an object: a million empty ones are not nothing. */
export function heldBytes({ bytes }: RawObject): number {
  return bytes.length + OBJECT_BYTES;
}

/** Numbers of one pack: an offset has at most 32 bits. */
const KEYS = 2 ** 32;

/**
 * Keeps the objects used last, up to a number of bytes, and in any case the very last one. The room
 * of others is freed.
 */
export function createPackCache(maxBytes: number): SharedPackCache {
  const given = new WeakSet<RawObject>();
  const shared = createRecentCache<number, MadeObject>({
    limit: maxBytes,
    sizeOf: heldBytes,
    onDrop: (object) => {
      if (!given.has(object)) freeBytes(object.bytes);
    },
  });
  let parts = 0;
  return {
    part() {
      const first = parts++ * KEYS;
      return {
        get: (key) => shared.get(first + key),
        set: (key, object) => shared.set(first + key, object),
        share: (object) => void given.add(object),
      };
    },
  };
}
