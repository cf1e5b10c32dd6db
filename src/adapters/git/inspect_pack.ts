// SPDX-License-Identifier: Apache-2.0

import { inflateSync } from "node:zlib";
import { TransportError } from "./failure.ts";

/** How much a pack may hold. */
export interface PackLimits {
  readonly maxObjects: number;
  /** Bytes of one object, unpacked and with its deltas applied. */
  readonly maxObjectBytes: number;
  /** Bytes of all that is inflated. */
  readonly maxInflatedBytes: number;
}

/** Where an entry of a pack begins, and what it says of itself. */
interface EntryHeader {
  readonly type: number;
  /** Bytes after inflating: of an object, or of the delta that makes it. */
  readonly size: number;
  /** Where the compressed bytes begin. */
  readonly start: number;
}

const HEADER_BYTES = 12;
const CHECKSUM_BYTES = 20;
const OFFSET_DELTA = 6;
const REFERENCE_DELTA = 7;

/**
 * Walks a pack before the library unpacks it: the library believes whatever size an entry states,
 * and inflates a few kilobytes to as many gigabytes as they give.
 *
 * @param pack A whole pack whose checksum is proved
 * @throws {TransportError} `limit-exceeded` with the name of the limit, or `broken-transfer`
 */
export function inspectPack(pack: Uint8Array, limits: PackLimits): void {
  const objects = new DataView(pack.buffer, pack.byteOffset).getUint32(8);
  if (objects > limits.maxObjects) throw exceeded(`${objects} objects`, "maxObjects", limits);
  const end = pack.length - CHECKSUM_BYTES;
  let at = HEADER_BYTES;
  let inflated = 0;
  for (let count = 0; count < objects; count++) {
    const header = headerAt(pack, at, end);
    const entry = inflate(pack.subarray(header.start, end), boundedSize(header.size, limits));
    inflated += header.size;
    if (inflated > limits.maxInflatedBytes) {
      throw exceeded(`${inflated} bytes`, "maxInflatedBytes", limits);
    }
    if (isDelta(header.type)) boundedSize(resultSize(entry.bytes), limits);
    at = header.start + entry.consumed;
  }
  if (at !== end) throw broken("it goes on after its last object");
}

function isDelta(type: number): boolean {
  return type === OFFSET_DELTA || type === REFERENCE_DELTA;
}

function boundedSize(size: number, limits: PackLimits): number {
  if (size <= limits.maxObjectBytes) return size;
  throw exceeded(`an object of ${size} bytes`, "maxObjectBytes", limits);
}

/** Type and size share the first byte; then seven bits of the size a byte, lowest first. */
function headerAt(pack: Uint8Array, at: number, end: number): EntryHeader {
  const first = byteAt(pack, at, end);
  const rest = first & 0x80 ? sizeAt(pack, at + 1, end) : { value: 0, next: at + 1 };
  const type = (first >> 4) & 7;
  const size = (first & 15) + rest.value * 16;
  return { type, size, start: afterBase(pack, { type, at: rest.next }, end) };
}

/** Skips what names the base of a delta. */
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

function sizeAt(
  bytes: Uint8Array,
  at: number,
  end: number,
): { readonly value: number; readonly next: number } {
  let value = 0;
  let scale = 1;
  for (let next = at; next < at + 8; next++) {
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

/** A delta begins with the sizes of its base and of its result. */
function resultSize(delta: Uint8Array): number {
  const base = sizeAt(delta, 0, delta.length);
  return sizeAt(delta, base.next, delta.length).value;
}

function inflate(
  bytes: Uint8Array,
  size: number,
): { readonly bytes: Uint8Array; readonly consumed: number } {
  let result;
  try {
    // One byte more than stated, so that too long an object shows; zero is no limit to zlib.
    result = inflateSync(bytes, { info: true, maxOutputLength: size + 1 });
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

function broken(what: string): TransportError {
  return new TransportError("broken-transfer", `the pack is broken: ${what}`);
}

function exceeded(what: string, limit: keyof PackLimits, limits: PackLimits): TransportError {
  const text = `the pack holds ${what}, more than ${limits[limit]} (${limit})`;
  return new TransportError("limit-exceeded", text);
}
