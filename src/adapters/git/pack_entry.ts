// SPDX-License-Identifier: Apache-2.0

import { constants, inflateSync } from "node:zlib";
import { TransportError } from "./failure.ts";

/** An entry that changes the one at a distance before it. */
export const OFFSET_DELTA = 6;
/** An entry that changes the object of an id. */
export const REFERENCE_DELTA = 7;

/** What stands behind the last entry. */
export const CHECKSUM_BYTES = 20;

/** Types of entries that hold an object as a whole. */
export const TYPES: Readonly<Record<number, string>> = {
  1: "commit",
  2: "tree",
  3: "blob",
  4: "tag",
};

/** Where an entry of a pack begins, and what it says of itself. */
export interface EntryHeader {
  readonly type: number;
  /** Bytes after inflating: of an object, or of the delta that makes it. */
  readonly size: number;
  /** Where the name of a delta's base begins. */
  readonly baseAt: number;
  /** Where the compressed bytes begin. */
  readonly start: number;
}

/**
 * Reads the header of an entry: type and size share the first byte, then come seven bits of the
 * size a byte, lowest first, then what names the base of a delta.
 *
 * @throws {TransportError} `broken-transfer` if it reaches beyond `end`
 */
export function headerAt(pack: Uint8Array, at: number, end: number): EntryHeader {
  const first = byteAt(pack, at, end);
  const rest = first & 0x80 ? sizeAt(pack, at + 1, end) : { value: 0, next: at + 1 };
  const type = (first >> 4) & 7;
  const size = (first & 15) + rest.value * 16;
  return { type, size, baseAt: rest.next, start: afterBase(pack, { type, at: rest.next }, end) };
}

function afterBase(
  pack: Uint8Array,
  { type, at }: { readonly type: number; readonly at: number },
  end: number,
): number {
  if (type === REFERENCE_DELTA) return at + 20;
  let next = at;
  if (type === OFFSET_DELTA) { while (byteAt(pack, next++, end) & 0x80); }
  return next;
}

/**
 * How far before an offset delta its base begins: seven bits a byte, highest first; each further
 * byte stands for one more than its bits.
 */
export function baseDistance(pack: Uint8Array, at: number): number {
  let next = at;
  let byte = pack[next++] ?? 0;
  let value = byte & 0x7f;
  while (byte & 0x80) {
    byte = pack[next++] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return value;
}

/** A size, seven bits a byte, lowest first. */
export function sizeAt(
  bytes: Uint8Array,
  at: number,
  end: number,
): { readonly value: number; readonly next: number } {
  let value = 0;
  let scale = 1;
  for (let next = at; next < at + 7; next++) {
    const byte = byteAt(bytes, next, end);
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (!(byte & 0x80)) return { value, next: next + 1 };
  }
  throw broken("an object states a size without end");
}

function byteAt(bytes: Uint8Array, at: number, end: number): number {
  const byte = at < end ? bytes[at] : undefined;
  if (byte === undefined) throw broken("it stops within an object");
  return byte;
}

/** What zlib takes at least. */
const MIN_CHUNK_BYTES = 64;
/** What is inflated in several pieces takes twice the room, to be put together. */
const MAX_CHUNK_BYTES = 64 * 1024 * 1024 + 1;

/**
 * Inflates an entry to exactly the size that its header states.
 *
 * @returns The bytes, and how many compressed ones they took
 */
export function inflate(
  compressed: Uint8Array,
  size: number,
): { readonly bytes: Uint8Array; readonly consumed: number } {
  let result;
  try {
    // One byte more than stated, so that too long an object shows; zero is no limit to zlib.
    result = inflateSync(compressed, {
      info: true,
      maxOutputLength: size + 1,
      chunkSize: Math.min(Math.max(size + 1, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES),
    });
  } catch {
    throw broken("an object cannot be inflated to the size that it states");
  }
  // With `info` the answer is an object, which the types of Node do not say.
  const { buffer, engine } = result as unknown as {
    readonly buffer: Uint8Array;
    readonly engine: { readonly bytesWritten: number };
  };
  if (buffer.length !== size) throw broken("an object has another size than it states");
  return { bytes: buffer, consumed: engine.bytesWritten };
}

/** Compressed bytes that hold the start of whatever zlib wrote; most often the first are enough. */
const START_BYTES = [64, 512, 4_096];

/**
 * Inflates no more than the start of an entry, and little beyond it.
 *
 * @returns At least `count` bytes
 * @throws {TransportError} `broken-transfer` if there are fewer
 */
export function inflateStart(compressed: Uint8Array, count: number): Uint8Array {
  for (const length of START_BYTES) {
    const bytes = inflatePart(compressed.subarray(0, length));
    if (bytes.length >= count) return bytes;
  }
  throw broken("an object does not begin as it must");
}

/** What the first compressed bytes inflate to: at most a thousand times as many. */
export function inflatePart(compressed: Uint8Array): Uint8Array {
  try {
    return inflateSync(compressed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array();
  }
}

/** Says what is wrong with a pack. */
export function broken(what: string): TransportError {
  return new TransportError("broken-transfer", `the pack is broken: ${what}`);
}
