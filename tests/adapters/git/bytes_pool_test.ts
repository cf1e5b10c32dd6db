// SPDX-License-Identifier: Apache-2.0

import { equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { createBytesPool } from "../../../src/adapters/git/bytes_pool.ts";

Deno.test("BytesPool gives room again that nobody uses any more", () => {
  const pool = createBytesPool(1_000);
  const first = pool.take(100);
  pool.give(first);
  equal(pool.take(97).buffer, first.buffer);
});

Deno.test("BytesPool leaves bytes of another origin alone", () => {
  const pool = createBytesPool(1_000);
  const foreign = new Uint8Array(128);
  pool.give(foreign);
  notEqual(pool.take(128).buffer, foreign.buffer);
});

Deno.test("BytesPool keeps no more than it may, and in any case the very last", () => {
  const pool = createBytesPool(200);
  const [small, large] = [pool.take(100), pool.take(1_000)];
  pool.give(small);
  pool.give(large);
  equal(pool.take(1_000).buffer, large.buffer);
  notEqual(pool.take(100).buffer, small.buffer);
});

Deno.test("BytesPool takes little more room than it is asked for", () => {
  const pool = createBytesPool(0);
  fc.assert(fc.property(fc.integer({ min: 64, max: 50_000_000 }), (size) => {
    const capacity = pool.take(size).buffer.byteLength;
    equal(capacity >= size && capacity <= size * 1.125, true, `${capacity} for ${size}`);
  }));
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
