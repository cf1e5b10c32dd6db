// SPDX-License-Identifier: Apache-2.0

/** An object as it is stored. */
export interface RawObject {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Objects of a pack by some number: versions of a file lie close together. */
export interface PackCache {
  get(key: number): RawObject | undefined;
  set(key: number, object: RawObject): void;
}

/** Keeps the objects used last, up to a number of bytes, and in any case the very last one. */
export function createPackCache(maxBytes: number): PackCache {
  const known = new Map<number, RawObject>();
  let held = 0;
  return {
    get(key) {
      const object = known.get(key);
      if (object === undefined) return undefined;
      known.delete(key);
      known.set(key, object);
      return object;
    },
    set(key, object) {
      held -= known.get(key)?.bytes.length ?? 0;
      known.delete(key);
      known.set(key, object);
      held += object.bytes.length;
      for (const [oldest, { bytes }] of known) {
        if (held <= maxBytes || oldest === key) break;
        known.delete(oldest);
        held -= bytes.length;
      }
    },
  };
}
