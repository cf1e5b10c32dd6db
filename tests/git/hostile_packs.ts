// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { joinBytes } from "../../src/adapters/git/join_bytes.ts";

/** A repository of one commit, as a pack that git never writes. */
export interface HostilePack {
  readonly pack: Uint8Array;
  readonly commit: string;
}

const COMMIT = 1;
const TREE = 2;
const BLOB = 3;
const OFFSET_DELTA = 6;

/** An entry, and the id of what it becomes. */
interface Entry {
  readonly bytes: Uint8Array;
  readonly id: string;
}

/** One file of so many zeros: a thousand times as large as it is in the pack. */
export function blobBomb(size: number): HostilePack {
  const zeros = new Uint8Array(size);
  return packOf([objectOf(BLOB, zeros)], ["bomb.yaml"]);
}

/** Files that are each as large as `size`, and no more than a few bytes in the pack. */
export function deltaBomb(size: number, count: number): HostilePack {
  const base = new Uint8Array(size);
  const entries = [objectOf(BLOB, base)];
  let distance = entries[0]?.bytes.length ?? 0;
  for (let number = 0; number < count; number++) {
    const delta = new Uint8Array([
      ...deltaSize(size),
      ...deltaSize(size + 3),
      ...copies(size),
      3,
      number & 255,
      number >> 8,
      7,
    ]);
    const made = new Uint8Array(size + 3);
    made.set([number & 255, number >> 8, 7], size);
    const bytes = new Uint8Array([
      ...header(OFFSET_DELTA, delta.length),
      ...offset(distance),
      ...deflateSync(delta),
    ]);
    entries.push({ bytes, id: idOf(BLOB, made) });
    distance += bytes.length;
  }
  return packOf(
    entries,
    entries.map((_entry, index) => `bomb${String(index).padStart(4, "0")}.yaml`),
  );
}

/** A commit with a message of so many bytes. */
export function longMessage(size: number): HostilePack {
  return packOf([objectOf(BLOB, new Uint8Array(1))], ["a.yaml"], "x".repeat(size));
}

function packOf(
  files: readonly Entry[],
  names: readonly string[],
  message = "Hostile",
): HostilePack {
  const tree = objectOf(
    TREE,
    joinBytes(
      files.map(({ id }, index) =>
        joinBytes([text(`100644 ${names[index]}\0`), Uint8Array.fromHex(id)])
      ),
    ),
  );
  const person = "Tess Ter <tess@example.com> 1600000000 +0000";
  const commit = objectOf(
    COMMIT,
    text(`tree ${tree.id}\nauthor ${person}\ncommitter ${person}\n\n${message}\n`),
  );
  const entries = [...files, tree, commit];
  const start = new Uint8Array(12);
  start.set(text("PACK"));
  new DataView(start.buffer).setUint32(4, 2);
  new DataView(start.buffer).setUint32(8, entries.length);
  const body = joinBytes([start, ...entries.map(({ bytes }) => bytes)]);
  return { pack: joinBytes([body, createHash("sha1").update(body).digest()]), commit: commit.id };
}

function objectOf(type: number, content: Uint8Array): Entry {
  const bytes = joinBytes([header(type, content.length), deflateSync(content, { level: 1 })]);
  return { bytes, id: idOf(type, content) };
}

function idOf(type: number, content: Uint8Array): string {
  const name = ["", "commit", "tree", "blob"][type];
  return createHash("sha1").update(`${name} ${content.length}\0`).update(content).digest("hex");
}

function header(type: number, size: number): Uint8Array {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 128;
    bytes.push(rest & 127);
  }
  return new Uint8Array(bytes);
}

/** How far before a delta its base begins: highest bits first, less one for each byte before. */
function offset(distance: number): readonly number[] {
  const bytes = [distance & 127];
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1;
    bytes.unshift((rest & 127) | 128);
  }
  return bytes;
}

function deltaSize(size: number): readonly number[] {
  const bytes: number[] = [];
  for (let rest = size; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128);
  return [...bytes, Math.floor(size / 128 ** bytes.length)];
}

/** Instructions that copy a base of so many bytes: at most 0xffffff of them each. */
function copies(size: number): readonly number[] {
  const instructions: number[] = [];
  for (let at = 0; at < size; at += 0xffffff) {
    const length = Math.min(0xffffff, size - at);
    const four = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
    instructions.push(0xff, ...four(at), ...four(length).slice(0, 3));
  }
  return instructions;
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
