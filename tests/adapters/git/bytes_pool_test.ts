// SPDX-License-Identifier: Apache-2.0

import { equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { createBytesPool } from "../../../src/adapters/git/bytes_pool.ts";

Deno.test("BytesPool gives room again that nobody uses any more", () => {
  const pool = createBytesPool(1_000);
  const first = pool.take(100);
  pool.give(first);
  equal(pool.take(90).buffer, first.buffer);
});

Deno.test("BytesPool leaves bytes of another origin alone", () => {
  const pool = createBytesPool(1_000);
  const foreign = new Uint8Array(128);
  pool.give(foreign);
  notEqual(pool.take(128).buffer, foreign.buffer);
});

Deno.test("BytesPool keeps no more than it may", () => {
  const pool = createBytesPool(100);
  const large = pool.take(200);
  pool.give(large);
  notEqual(pool.take(200).buffer, large.buffer);
});

Deno.test("BytesPool never gives room to two at once, and always as much as was asked for", () => {
  const step = fc.record({ size: fc.nat(300), back: fc.nat(5), twice: fc.boolean() });
  fc.assert(fc.property(fc.array(step), (steps) => {
    const pool = createBytesPool(2_000);
    const taken: Uint8Array[] = [];
    for (const { size, back, twice } of steps) {
      const bytes = pool.take(size);
      equal(bytes.length, size);
      equal(taken.some(({ buffer }) => buffer === bytes.buffer), false);
      taken.push(bytes);
      const [given] = taken.splice(back, 1);
      if (given === undefined) continue;
      pool.give(given);
      if (twice) pool.give(given);
    }
  }));
});
