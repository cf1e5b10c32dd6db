// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { createRecentCache } from "../../../src/adapters/git/recent_cache.ts";

const sizeOf = (value: number) => value;

Deno.test("RecentCache drops what was used least recently", () => {
  const cache = createRecentCache<string, number>({ limit: 3, sizeOf: () => 1 });
  for (const [value, key] of ["a", "b", "c"].entries()) cache.set(key, value);
  cache.get("a");
  cache.set("d", 3);
  deepEqual(["a", "b", "c", "d"].map((key) => cache.get(key)), [0, undefined, 2, 3]);
});

Deno.test("RecentCache keeps the very last value, however large", () => {
  const cache = createRecentCache<string, number>({ limit: 3, sizeOf });
  cache.set("small", 1);
  cache.set("large", 100);
  deepEqual([cache.get("small"), cache.get("large")], [undefined, 100]);
});

Deno.test("RecentCache never keeps more than its limit and the last value, and gives what was set last", () => {
  const step = fc.record({ key: fc.integer({ min: 0, max: 9 }), size: fc.nat(5) });
  fc.assert(fc.property(fc.array(step), (steps) => {
    const cache = createRecentCache<number, number>({ limit: 10, sizeOf });
    const last = new Map<number, number>();
    for (const { key, size } of steps) {
      cache.set(key, size);
      last.set(key, size);
      equal(cache.get(key), size);
      const kept = [...last].filter(([known]) => cache.get(known) !== undefined);
      equal(kept.every(([known, value]) => cache.get(known) === value), true);
      equal(kept.reduce((sum, [, value]) => sum + value, 0) <= 10, true);
      cache.get(key);
    }
  }));
});
