// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { TransportError } from "../../../src/adapters/git/failure.ts";
import { indexPack } from "../../../src/adapters/git/index_pack.ts";
import { inflateStart } from "../../../src/adapters/git/pack_entry.ts";
import { createPackCache } from "../../../src/adapters/git/pack_cache.ts";
import { openPack, type PackReader } from "../../../src/adapters/git/pack_reader.ts";
import { DEFAULT_LIMITS } from "../../../src/adapters/git/repository_view.ts";
import {
  type Entry,
  entrySize,
  growing,
  OFFSET_DELTA,
  packOf,
  REFERENCE_DELTA,
  zeros,
} from "./made_pack.ts";

const { signal } = new AbortController();

function idOf(content: Uint8Array): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

/** Bytes that zlib makes no smaller. */
function noise(length: number): Uint8Array {
  let state = 1;
  return new Uint8Array(length).map(() => {
    for (const shift of [13, -17, 5]) state ^= shift > 0 ? state << shift : state >>> -shift;
    return state;
  });
}

/** What `growing()` makes of a base, so many times over. */
function grown(content: Uint8Array, times: number): Uint8Array {
  return new Uint8Array([...content, ...new Uint8Array(times).fill(7)]);
}

/** A delta that says how much it changes and how much it makes, and adds all of that itself. */
function adding(baseBytes: number, content: Uint8Array): Uint8Array {
  const size = (value: number) => [(value & 127) | 128, ((value >> 7) & 127) | 128, value >> 14];
  const pieces = Array.from({ length: Math.ceil(content.length / 127) }, (_none, at) => {
    const piece = content.subarray(at * 127, (at + 1) * 127);
    return [piece.length, ...piece];
  });
  return new Uint8Array([...size(baseBytes), ...size(content.length), ...pieces.flat()]);
}

const BASE = noise(2_000);
const MADE = noise(9_000);

/** A pack of a blob and a delta of it, of which an entry is damaged at a place. */
async function damagedPack(delta: Entry, damagedAt: number): Promise<PackReader | undefined> {
  const pack = packOf([{ content: BASE }, { ...delta, distance: entrySize({ content: BASE }) }]);
  const index = await indexPack(pack, { limits: DEFAULT_LIMITS, signal });
  pack.fill(0xff, damagedAt, damagedAt + 20);
  return openPack(pack, index);
}

const tooLarge = (size: number, maxBytes: number) => ({
  code: "limit-exceeded",
  message: `it has ${size} bytes, more than ${maxBytes} (maxFileBytes)`,
});
const BROKEN = { code: "broken-transfer" };

const REFUSED: readonly {
  readonly name: string;
  readonly delta: Entry;
  readonly damagedAt: number;
  readonly id: string;
  readonly size: number;
}[] = [
  {
    name: "an object is refused before it is inflated",
    delta: { type: OFFSET_DELTA, content: growing(BASE.length) },
    damagedAt: 1_000,
    id: idOf(BASE),
    size: BASE.length,
  },
  {
    name: "a delta is refused before what it changes is inflated",
    delta: { type: OFFSET_DELTA, content: growing(BASE.length) },
    damagedAt: 1_000,
    id: idOf(grown(BASE, 1)),
    size: BASE.length + 1,
  },
  {
    name: "a delta is refused when its beginning is inflated",
    delta: { type: OFFSET_DELTA, content: adding(BASE.length, MADE) },
    damagedAt: 8_000,
    id: idOf(MADE),
    size: MADE.length,
  },
];

for (const { name, delta, damagedAt, id, size } of REFUSED) {
  Deno.test(`PackReader: ${name}`, async () => {
    const reader = await damagedPack(delta, damagedAt);
    throws(() => reader?.read(id, { maxBytes: size - 1 }), tooLarge(size, size - 1));
    throws(() => reader?.read(id, { maxBytes: size }), BROKEN);
    throws(() => reader?.read(id), BROKEN);
  });
}

Deno.test("PackReader refuses a delta of another pack without asking for what it changes", async () => {
  const pack = packOf([
    { type: REFERENCE_DELTA, content: growing(BASE.length), base: idOf(BASE) },
  ]);
  const asked: string[] = [];
  const outside = (id: string) => {
    asked.push(id);
    return { type: "blob", bytes: BASE, chainBytes: 0 };
  };
  const index = await indexPack(pack, { limits: DEFAULT_LIMITS, signal, outside });
  const reader = openPack(pack, index, { outside });
  asked.length = 0;
  const id = idOf(grown(BASE, 1));
  throws(() => reader?.read(id, { maxBytes: 2_000 }), tooLarge(2_001, 2_000));
  deepEqual(asked, []);
  equal(reader?.read(id, { maxBytes: 2_001 })?.bytes.length, 2_001);
  deepEqual(asked, [idOf(BASE)]);
});

Deno.test("PackReader makes a small file of a version beyond the limit", async () => {
  const small = noise(10);
  const delta = { type: OFFSET_DELTA, content: adding(BASE.length, small) };
  const pack = packOf([{ content: BASE }, { ...delta, distance: entrySize({ content: BASE }) }]);
  const reader = openPack(pack, await indexPack(pack, { limits: DEFAULT_LIMITS, signal }));
  const found = reader?.read(idOf(small), { maxBytes: 10 });
  equal(found?.bytes.toHex(), small.toHex());
});

Deno.test("PackReader gives what is within the limit and refuses the rest, whatever the order", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 4 });
  const reads = fc.array(
    fc.record({ pick: fc.nat(), maxBytes: fc.integer({ min: 0, max: 50_000 }) }),
  );
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(4), reads, async (lengths, deltas, wanted) => {
      const contents = [...new Set(lengths)].map(noise);
      const entries: Entry[] = contents.map((content) => ({ content }));
      for (let times = 0; times < deltas; times++) {
        const before = grown(noise(300), times);
        entries.push({
          type: REFERENCE_DELTA,
          content: growing(before.length),
          base: idOf(before),
        });
        contents.push(grown(noise(300), times + 1));
      }
      const outside = (id: string) =>
        id === idOf(noise(300)) ? { type: "blob", bytes: noise(300), chainBytes: 0 } : undefined;
      const pack = packOf(entries);
      const index = await indexPack(pack, { limits: DEFAULT_LIMITS, signal, outside });
      const reader = openPack(pack, index, { outside, cache: createPackCache(30_000) });
      const held: [found: Uint8Array, content: Uint8Array][] = [];
      for (const { pick, maxBytes } of wanted) {
        const content = contents[pick % contents.length] ?? zeros(0);
        const read = () => reader?.read(idOf(content), { maxBytes })?.bytes ?? zeros(0);
        if (content.length > maxBytes) throws(read, tooLarge(content.length, maxBytes));
        else held.push([read(), content]);
      }
      // What was given stays what it is, whatever is freed after it.
      for (const [found, content] of held) equal(found.toHex(), content.toHex());
    }),
    { numRuns: 60 },
  );
});

/** Nothing, so many times, and then a content, in the form of zlib. */
function padded(content: Uint8Array, blocks: number): Uint8Array {
  const nothing = Array.from({ length: blocks }, () => [0, 0, 0, 0xff, 0xff]).flat();
  const whole = deflateSync(content);
  return new Uint8Array([...whole.subarray(0, 2), ...nothing, ...whole.subarray(2)]);
}

Deno.test("inflateStart() finds the beginning behind empty blocks, and not behind thousands", () => {
  for (const blocks of [0, 10, 90, 700]) {
    equal(
      inflateStart(padded(MADE, blocks), 14).subarray(0, 14).toHex(),
      MADE.subarray(0, 14).toHex(),
    );
  }
  throws(() => inflateStart(padded(MADE, 1_000), 14), BROKEN);
});

Deno.test("inflateStart() inflates a small part of a bomb", () => {
  const bomb = deflateSync(zeros(20_000_000));
  const { length } = inflateStart(bomb, 14);
  ok(length >= 14 && length < 100_000, `${length} bytes`);
});

Deno.test("inflateStart() gives as much as was asked for or refuses, and nothing else happens", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(30),
      fc.boolean(),
      (bytes, count, isZlib) => {
        try {
          ok(inflateStart(isZlib ? deflateSync(bytes) : bytes, count).length >= count);
          if (isZlib) ok(bytes.length >= count);
        } catch (error) {
          ok(error instanceof TransportError, String(error));
          if (isZlib) ok(bytes.length < count);
        }
      },
    ),
  );
});
