// SPDX-License-Identifier: Apache-2.0

import { equal, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { TransportError } from "../../../src/adapters/git/failure.ts";
import { inspectPack, type PackLimits } from "../../../src/adapters/git/inspect_pack.ts";

const LIMITS: PackLimits = { maxObjects: 10, maxObjectBytes: 1_000, maxInflatedBytes: 3_000 };
const BLOB = 3;
const OFFSET_DELTA = 6;

/** An entry; `stated` is the size it claims to have. */
interface Entry {
  readonly type?: number;
  readonly content: Uint8Array;
  readonly stated?: number;
}

function packOf(entries: readonly Entry[], count = entries.length): Uint8Array {
  const parts = entries.flatMap(({ type = BLOB, content, stated = content.length }) => [
    ...header(type, stated),
    ...type === OFFSET_DELTA ? [0x81, 0x01] : [],
    ...deflateSync(content),
  ]);
  const start = [...new TextEncoder().encode("PACK"), 0, 0, 0, 2, 0, 0, 0, count];
  const body = new Uint8Array([...start, ...parts]);
  return new Uint8Array([...body, ...createHash("sha1").update(body).digest()]);
}

function header(type: number, size: number): readonly number[] {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(rest & 127);
  }
  return bytes.map((byte, at) => at < bytes.length - 1 ? byte | 128 : byte);
}

const zeros = (length: number) => new Uint8Array(length);

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
  Deno.test(`inspectPack() ${name}`, () => {
    if (expected === undefined) inspectPack(pack, LIMITS);
    else throws(() => inspectPack(pack, LIMITS), expected);
  });
}

Deno.test("inspectPack() refuses or passes any bytes and does nothing else", () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 300 }), (bytes) => {
    try {
      inspectPack(bytes, { ...LIMITS, maxObjects: 2 ** 32 });
    } catch (error) {
      equal(error instanceof TransportError, true, String(error));
    }
  }));
});
