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
  const entries = [objectOf(BLOB, new Uint8Array(size))];
  for (let number = 0; number < count; number++) {
    const mark = [number & 255, number >> 8, 7];
    const delta = [...deltaSize(size), ...deltaSize(size + 3), ...copies(size), 3, ...mark];
    const made = new Uint8Array(size + 3);
    made.set(mark, size);
    entries.push(deltaOf({ entries, base: 0, delta: new Uint8Array(delta), made }));
  }
  return packOf(entries, entries.map(nameOf));
}

/**
 * Files of a few bytes, each made of another version of one that is as large as `size`, and that
 * made of the one before.
 */
export function versionBomb(size: number, count: number): HostilePack {
  const entries = [objectOf(BLOB, new Uint8Array(size))];
  const files: Entry[] = [];
  let base = 0;
  for (let number = 1; number <= count; number++) {
    const made = new Uint8Array(size);
    made.set([number], size - 1);
    const sizes = [...deltaSize(size), ...deltaSize(size)];
    const version = new Uint8Array([...sizes, ...copies(size - 1), 1, number]);
    entries.push(deltaOf({ entries, base, delta: version, made }));
    base = entries.length - 1;
    const small = new Uint8Array([...deltaSize(size), ...deltaSize(9), ...copy(size - 9, 9)]);
    const file = deltaOf({ entries, base, delta: small, made: made.slice(size - 9) });
    entries.push(file);
    files.push(file);
  }
  return packOf(entries, files.map(nameOf), { files });
}

/** Versions of a file that each bring all that they hold with them, and in the end a small file. */
export function literalBomb(size: number, count: number): HostilePack {
  const entries = [objectOf(BLOB, new Uint8Array(size))];
  const pieces = Math.ceil(size / 127);
  for (let number = 1; number <= count; number++) {
    const sizes = [...deltaSize(size), ...deltaSize(size)];
    const delta = new Uint8Array(sizes.length + size + pieces);
    delta.set(sizes);
    for (let piece = 0; piece < pieces; piece++) {
      delta[sizes.length + piece * 128] = Math.min(127, size - piece * 127);
    }
    delta[sizes.length + 1] = number;
    const made = new Uint8Array(size);
    made[0] = number;
    entries.push(deltaOf({ entries, base: number - 1, delta, made }));
  }
  const small = new Uint8Array([...deltaSize(size), ...deltaSize(9), ...copy(0, 9)]);
  const made = new Uint8Array(9);
  made[0] = count;
  const file = deltaOf({ entries, base: count, delta: small, made });
  return packOf([...entries, file], [nameOf(file, 0)], { files: [file] });
}

function nameOf(_entry: Entry, index: number): string {
  return `bomb${String(index).padStart(4, "0")}.yaml`;
}

/** The next entry of a pack: it changes an earlier one. */
function deltaOf(
  { entries, base, delta, made }: {
    readonly entries: readonly Entry[];
    readonly base: number;
    readonly delta: Uint8Array;
    readonly made: Uint8Array;
  },
): Entry {
  const distance = entries.slice(base).reduce((sum, { bytes }) => sum + bytes.length, 0);
  const start = new Uint8Array([...header(OFFSET_DELTA, delta.length), ...offset(distance)]);
  return { bytes: joinBytes([start, deflateSync(delta, { level: 1 })]), id: idOf(BLOB, made) };
}

/** A commit with a message of so many bytes. */
export function longMessage(size: number): HostilePack {
  return packOf([objectOf(BLOB, new Uint8Array(1))], ["a.yaml"], {
    message: "x".repeat(size),
  });
}

/** A pack of entries, and a commit with files, which are all of them when nothing else is said. */
function packOf(
  blobs: readonly Entry[],
  names: readonly string[],
  { files = blobs, message = "Hostile" }: {
    readonly files?: readonly Entry[];
    readonly message?: string;
  } = {},
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
  const entries = [...blobs, tree, commit];
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
    instructions.push(...copy(at, Math.min(0xffffff, size - at)));
  }
  return instructions;
}

/** The instruction that copies bytes of a base. */
function copy(at: number, length: number): readonly number[] {
  const four = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
  return [0xff, ...four(at), ...four(length).slice(0, 3)];
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
