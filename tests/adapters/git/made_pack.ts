// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

const BLOB = 3;
export const OFFSET_DELTA = 6;
export const REFERENCE_DELTA = 7;

/** An entry; `stated` is the size it claims to have. */
export interface Entry {
  readonly type?: number;
  readonly content: Uint8Array;
  readonly stated?: number;
  /** Of a delta: how far before it its base begins. Default: 129 bytes. */
  readonly distance?: number;
  /** Of a delta by id: what it changes. Default: an id of zeros. */
  readonly base?: string;
  /** In what form the content stands there. Default: what zlib makes of it. */
  readonly compressed?: Uint8Array;
}

/** A pack; `count` is the number of objects it claims to have. */
export function packOf(entries: readonly Entry[], count = entries.length): Uint8Array {
  const parts = entries.flatMap(entryBytes);
  const start = [...new TextEncoder().encode("PACK"), 0, 0, 0, 2, 0, 0, 0, count];
  const body = new Uint8Array([...start, ...parts]);
  return new Uint8Array([...body, ...createHash("sha1").update(body).digest()]);
}

function entryBytes(entry: Entry): readonly number[] {
  const { type = BLOB, content, stated = content.length, distance = 129 } = entry;
  const base = entry.base === undefined ? zeros(20) : Uint8Array.fromHex(entry.base);
  const far = distance < 128 ? [distance] : [0x80 | ((distance - 128) >> 7), distance & 127];
  return [
    ...header(type, stated),
    ...type === OFFSET_DELTA ? far : [],
    ...type === REFERENCE_DELTA ? base : [],
    ...entry.compressed ?? deflateSync(content),
  ];
}

/** Bytes of it in a pack. */
export function entrySize(entry: Entry): number {
  return entryBytes(entry).length;
}

function header(type: number, size: number): readonly number[] {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(rest & 127);
  }
  return bytes.map((byte, at) => at < bytes.length - 1 ? byte | 128 : byte);
}

export const zeros = (length: number): Uint8Array => new Uint8Array(length);

/** Says how long the base and the result are, copies the whole base and adds a byte. */
export function growing(baseBytes: number): Uint8Array {
  const size = (value: number) => [0, 7, 14, 21].map((shift) => (value >> shift) & 127 | 128);
  const sized = (value: number) => [...size(value), 0];
  const three = [baseBytes & 255, (baseBytes >> 8) & 255, baseBytes >> 16];
  const copy = [0x80 | 0x10 | 0x20 | 0x40, ...three];
  return new Uint8Array([...sized(baseBytes), ...sized(baseBytes + 1), ...copy, 1, 7]);
}
