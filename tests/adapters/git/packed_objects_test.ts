// SPDX-License-Identifier: Apache-2.0

import { equal, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  createPackedObjects,
  type PackedObjects,
} from "../../../src/adapters/git/packed_objects.ts";
import { type Entry, growing, packOf, REFERENCE_DELTA, zeros } from "./made_pack.ts";

const { signal } = new AbortController();
const limits = { maxObjects: 10_000, maxObjectBytes: 100_000, maxInflatedBytes: 100_000_000 };

function idOf(content: Uint8Array): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

/** Makes what `growing()` does. */
function grown(content: Uint8Array): Uint8Array {
  const more = new Uint8Array(content.length + 1).fill(7, content.length);
  more.set(content);
  return more;
}

function grows(content: Uint8Array): Entry {
  return { type: REFERENCE_DELTA, content: growing(content.length), base: idOf(content) };
}

async function objectsOf(...packs: readonly (readonly Entry[])[]): Promise<PackedObjects> {
  let objects = createPackedObjects();
  for (const entries of packs) objects = await objects.with(packOf(entries), { limits, signal });
  return objects;
}

const first = zeros(300);
const second = grown(first);
const third = grown(second);

Deno.test("PackedObjects reads a delta of an object in an earlier pack", async () => {
  const objects = await objectsOf([{ content: first }], [grows(first)]);
  equal(objects.read(idOf(second))?.bytes.toHex(), second.toHex());
  equal(objects.packs, 2);
});

Deno.test("PackedObjects reads deltas of deltas over several packs, in whatever order they stand", async () => {
  const objects = await objectsOf([{ content: first }], [grows(second), grows(first)]);
  equal(objects.read(idOf(third))?.bytes.toHex(), third.toHex());
  equal(objects.read(idOf(second))?.bytes.toHex(), second.toHex());
});

Deno.test("PackedObjects refuses a pack whose base nobody has, and stays as it was", async () => {
  const objects = await objectsOf([{ content: first }]);
  const adding = objects.with(packOf([grows(second)]), { limits, signal });
  await rejects(adding, /the base of a delta is missing/);
  equal(objects.packs, 1);
  equal(objects.read(idOf(third)), undefined);
});

Deno.test("PackedObjects keeps two packs apart that were added to the same ones", async () => {
  const before = await objectsOf([{ content: first }]);
  const [one, other] = [zeros(10), zeros(20)];
  const [withOne, withOther] = await Promise.all(
    [one, other].map((content) => before.with(packOf([{ content }]), { limits, signal })),
  );
  equal(withOne?.read(idOf(one))?.bytes.length, 10);
  equal(withOther?.read(idOf(other))?.bytes.length, 20);
  equal(withOne?.read(idOf(other)), undefined);
  equal(before.read(idOf(one)), undefined);
});

/** A pack for each version, each a delta of the one before. */
async function chainOf(packs: number): Promise<{ objects: PackedObjects; last: Uint8Array }> {
  let [objects, last] = [await objectsOf([{ content: first }]), first];
  for (let pack = 1; pack < packs; pack++) {
    objects = await objects.with(packOf([grows(last)]), { limits, signal });
    last = grown(last);
  }
  return { objects, last };
}

Deno.test("PackedObjects reads a version that a thousand packs made one after the other", async () => {
  const { objects, last } = await chainOf(1_000);
  equal(objects.packs, 1_000);
  equal(objects.read(idOf(last))?.bytes.length, 300 + 999);
  for (const content of [first, second, third]) {
    equal(objects.read(idOf(content))?.bytes.length, content.length);
  }
});

Deno.test("PackedObjects applies the limits to what a delta makes of an object elsewhere", async () => {
  const content = zeros(900);
  const tight = { ...limits, maxObjectBytes: 900 };
  const objects = await objectsOf([{ content }]);
  await rejects(
    objects.with(packOf([grows(content)]), { limits: tight, signal }),
    /an object of 901 bytes.*\(maxObjectBytes\)/,
  );
});

const MEBIBYTE = 1024 * 1024;
const LARGE = { ...limits, maxObjectBytes: 16 * MEBIBYTE, maxInflatedBytes: 1024 * MEBIBYTE };

/** Versions of a large file, a pack for each, and what they take in all. */
async function largeVersions(bytes: number, count: number) {
  let [objects, content, size] = [createPackedObjects(), zeros(bytes), 0];
  const ids: string[] = [];
  for (let version = 0; version < count; version++) {
    const pack = packOf([version === 0 ? { content } : grows(content)]);
    if (version > 0) content = grown(content);
    ids.push(idOf(content));
    size += pack.length;
    objects = await objects.with(pack, { limits: LARGE, signal });
  }
  return { objects, ids, size };
}

Deno.test("PackedObjects keeps a large version whole that many packs made, and reads it as it was", async () => {
  const few = await largeVersions(12 * MEBIBYTE, 3);
  const many = await largeVersions(12 * MEBIBYTE, 13);
  const perPack = few.objects.bytes - few.size;
  const wholes = many.objects.bytes - many.size - perPack * 13 / 3;
  equal(wholes > 10_000, true, `${wholes} bytes more than packs and indexes`);
  for (const id of many.ids) equal(many.objects.read(id)?.type, "blob");
});

Deno.test("PackedObjects never frees what it gave, in whatever order it is asked", async () => {
  const { objects, ids } = await largeVersions(3 * MEBIBYTE, 8);
  const asked = fc.array(fc.nat(ids.length - 1), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(asked, async (order) => {
      const adding = objects.with(packOf([grows(first), { content: first }]), { limits, signal });
      const given = order.map((at) => [ids[at], objects.read(ids[at] ?? "")?.bytes] as const);
      await adding;
      for (const [id, bytes] of given) equal(idOf(bytes ?? zeros(0)), id);
    }),
    { numRuns: 5 },
  );
});
