// SPDX-License-Identifier: Apache-2.0

/** Values that were used last. */
export interface RecentCache<Key, Value> {
  /** The value, which is the newest then; `undefined` when it is not kept. */
  get(key: Key): Value | undefined;
  /** Keeps a value, and drops those that were used least recently where there are too many. */
  set(key: Key, value: Value): void;
  /** Keeps it no longer. */
  delete(key: Key): void;
}

/** How much is kept. */
export interface CacheBound<Value> {
  /** Sum of all sizes; the very last value is kept in any case. */
  readonly limit: number;
  readonly sizeOf: (value: Value) => number;
  /** Is told of what is no longer kept. */
  readonly onDrop?: (value: Value) => void;
}

/** Keeps nothing yet. */
export function createRecentCache<Key, Value>(
  { limit, sizeOf, onDrop }: CacheBound<Value>,
): RecentCache<Key, Value> {
  const known = new Map<Key, Value>();
  let held = 0;

  function drop(key: Key): void {
    const value = known.get(key);
    if (value === undefined) return;
    known.delete(key);
    held -= sizeOf(value);
    onDrop?.(value);
  }

  return {
    delete: drop,
    get(key) {
      const value = known.get(key);
      if (value === undefined) return undefined;
      known.delete(key);
      known.set(key, value);
      return value;
    },
    set(key, value) {
      drop(key);
      known.set(key, value);
      held += sizeOf(value);
      for (const oldest of known.keys()) {
        if (held <= limit || oldest === key) break;
        drop(oldest);
      }
    },
  };
}
