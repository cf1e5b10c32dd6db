// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { freeBytes } from "../../../src/adapters/git/free_bytes.ts";
import { createPackCache } from "../../../src/adapters/git/pack_cache.ts";

const LARGE = 100_000;

Deno.test("freeBytes() empties what has room of its own", () => {
  const bytes = new Uint8Array(LARGE);
  freeBytes(bytes);
  equal(bytes.buffer.byteLength, 0);
  freeBytes(bytes);
});

Deno.test("freeBytes() leaves small bytes alone, which may share their room", () => {
  const [one, other] = [Buffer.from("one"), Buffer.from("other")];
  freeBytes(one);
  equal(one.toString(), "one");
  equal(other.toString(), "other");
});

function objectOf(size: number) {
  return { type: "blob", bytes: new Uint8Array(size), chainBytes: size };
}

Deno.test("PackCache frees what it drops, and nothing that others look at", () => {
  const cache = createPackCache(LARGE).part();
  const objects = [0, 1, 2, 3].map((key) => ({ key, ...objectOf(LARGE) }));
  for (const object of objects) {
    cache.set(object.key, object);
    if (object.key % 2 === 0) cache.share(object);
  }
  equal(objects.map(({ bytes }) => bytes.length).join(), `${LARGE},0,${LARGE},${LARGE}`);
  equal(cache.get(3), objects[3]);
});

Deno.test("PackCache keeps the objects of two packs apart", () => {
  const shared = createPackCache(LARGE);
  const [one, other] = [shared.part(), shared.part()];
  const object = objectOf(10);
  one.set(7, object);
  equal(other.get(7), undefined);
  equal(one.get(7), object);
});
