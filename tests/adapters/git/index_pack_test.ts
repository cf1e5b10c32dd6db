// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { openPack } from "../../../src/adapters/git/pack_reader.ts";
import { TransportError } from "../../../src/adapters/git/failure.ts";
import { indexPack, type PackLimits } from "../../../src/adapters/git/index_pack.ts";
import { entrySize, growing, OFFSET_DELTA, packOf, REFERENCE_DELTA, zeros } from "./made_pack.ts";

const LIMITS: PackLimits = { maxObjects: 10, maxObjectBytes: 1_000, maxInflatedBytes: 3_000 };
const { signal } = new AbortController();

interface Case {
  readonly name: string;
  readonly pack: Uint8Array;
  readonly expected: RegExp | undefined;
}

const CASES: readonly Case[] = [
  {
    name: "passes objects within the limits",
    pack: packOf([{ content: zeros(0) }, { content: zeros(1_000) }]),
    expected: undefined,
  },
  {
    name: "refuses too large an object",
    pack: packOf([{ content: zeros(1_001) }]),
    expected: /\(maxObjectBytes\)/,
  },
  {
    name: "refuses a bomb that understates its size",
    pack: packOf([{ content: zeros(10_000_000), stated: 10 }]),
    expected: /cannot be inflated to the size/,
  },
  {
    name: "refuses an object that overstates its size",
    pack: packOf([{ content: zeros(5), stated: 10 }]),
    expected: /another size/,
  },
  {
    name: "refuses a delta whose result is too large",
    pack: packOf([{ type: OFFSET_DELTA, content: new Uint8Array([1, 0xff, 0xff, 0x7f, 0]) }]),
    expected: /an object of 2097151 bytes.*\(maxObjectBytes\)/,
  },
  {
    name: "refuses too many objects",
    pack: packOf([], 11),
    expected: /11 objects.*\(maxObjects\)/,
  },
  {
    name: "refuses too much in all",
    pack: packOf(Array.from({ length: 4 }, () => ({ content: zeros(900) }))),
    expected: /\(maxInflatedBytes\)/,
  },
  {
    name: "refuses fewer objects than stated",
    pack: packOf([{ content: zeros(3) }], 2),
    expected: /stops within/,
  },
  {
    name: "refuses more objects than stated",
    pack: packOf([{ content: zeros(3) }], 0),
    expected: /goes on/,
  },
];

for (const { name, pack, expected } of CASES) {
  Deno.test(`indexPack() ${name}`, async () => {
    const indexing = indexPack(pack, { limits: LIMITS, signal });
    if (expected === undefined) await indexing;
    else await rejects(indexing, expected);
  });
}

Deno.test("indexPack() refuses or passes any bytes and does nothing else", async () => {
  const any = fc.uint8Array({ minLength: 32, maxLength: 300 });
  await fc.assert(fc.asyncProperty(any, async (bytes) => {
    try {
      bytes.set([0, 0], 8); // a number of objects that there is room for
      await indexPack(bytes, { limits: { ...LIMITS, maxObjects: 2 ** 32 }, signal });
    } catch (error) {
      equal(error instanceof TransportError, true, String(error));
    }
  }));
});

Deno.test("indexPack() counts what deltas make, and not only what they take", async () => {
  const base = { content: zeros(900) };
  const content = growing(900);
  const first = packOf([base, { type: OFFSET_DELTA, content, distance: entrySize(base) }]);
  const index = await indexPack(first, { limits: LIMITS, signal });
  const made = createHash("sha1").update("blob 901\0").update(zeros(900)).update("\u0007").digest();
  equal(openPack(first, index)?.read(made.toString("hex"))?.bytes.length, 901);
  const entry = { type: OFFSET_DELTA, content };
  const entries = Array.from({ length: 4 }, (_none, at) => (
    { ...entry, distance: entrySize(base) + at * entrySize({ ...entry, distance: 0 }) }
  ));
  const bomb = packOf([base, ...entries]);
  await rejects(indexPack(bomb, { limits: LIMITS, signal }), /\(maxInflatedBytes\)/);
});

Deno.test("indexPack() refuses a delta whose base is not there", async () => {
  const pack = packOf([{ type: REFERENCE_DELTA, content: growing(900) }]);
  await rejects(indexPack(pack, { limits: LIMITS, signal }), /the base of a delta is missing/);
});

Deno.test("indexPack() stops when it is aborted", async () => {
  const pack = packOf(Array.from({ length: 3 }, () => ({ content: zeros(40_000_000) })));
  const limits = { ...LIMITS, maxObjectBytes: 2 ** 30, maxInflatedBytes: 2 ** 31 };
  const stop = new AbortController();
  const indexing = indexPack(pack, { limits, signal: stop.signal });
  stop.abort(new RangeError("stopped"));
  await rejects(indexing, { message: "stopped" });
});

for (const { chain, told } of [{ chain: 128, told: [] }, { chain: 129, told: [12] }]) {
  Deno.test(`indexPack() tells of a delta whose base lies at the end of ${chain} MiB of others: ${told.length}`, async () => {
    const base = { type: "blob", bytes: zeros(900), chainBytes: chain * 1024 * 1024 };
    const pack = packOf([{ type: REFERENCE_DELTA, content: growing(900) }]);
    const found: number[] = [];
    await indexPack(pack, {
      limits: LIMITS,
      signal,
      outside: () => base,
      onLongChain: (at, { bytes }) => {
        equal(bytes.length, 901);
        found.push(at);
      },
    });
    deepEqual(found, told);
  });
}
