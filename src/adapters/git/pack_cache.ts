// SPDX-License-Identifier: Apache-2.0

/** An object as it is stored. */
export interface RawObject {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Objects of one pack by some number: versions of a file lie close together. */
export interface PackCache {
  get(key: number): RawObject | undefined;
  set(key: number, object: RawObject): void;
}

/** What the packs of a repository keep together. */
export interface SharedPackCache {
  /** The part of a pack that is opened: its numbers are its own. */
  part(): PackCache;
}

/** Numbers of one pack: an offset has at most 32 bits. */
const KEYS = 2 ** 32;

/** Keeps the objects used last, up to a number of bytes, and in any case the very last one. */
export function createPackCache(maxBytes: number): SharedPackCache {
  const known = new Map<number, RawObject>();
  let held = 0;
  let parts = 0;

  function get(key: number): RawObject | undefined {
    const object = known.get(key);
    if (object === undefined) return undefined;
    known.delete(key);
    known.set(key, object);
    return object;
  }

  function set(key: number, object: RawObject): void {
    held -= known.get(key)?.bytes.length ?? 0;
    known.delete(key);
    known.set(key, object);
    held += object.bytes.length;
    for (const [oldest, { bytes }] of known) {
      if (held <= maxBytes || oldest === key) break;
      known.delete(oldest);
      held -= bytes.length;
    }
  }

  return {
    part() {
      const first = parts++ * KEYS;
      return { get: (key) => get(first + key), set: (key, object) => set(first + key, object) };
    },
  };
}
