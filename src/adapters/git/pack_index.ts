// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import type { PackEntries } from "./pack_entries.ts";
import { CHECKSUM_BYTES } from "./pack_entry.ts";

const MAGIC = 0xff744f63;
const VERSION = 2;
const HEAD_BYTES = 8;
const FANOUT_BYTES = 256 * 4;
const ID_BYTES = 20;

/**
 * Writes the index of a pack, version 2: a fan-out by first byte, then ids in order, checksums of
 * the entries and their offsets. The pack must have less than 2 GiB.
 */
export function writePackIndex(
  entries: PackEntries,
  packChecksum: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { count } = entries;
  const order = Uint32Array.from({ length: count }, (_none, index) => index)
    .sort((one, other) => compare(entries.idBytes(one), entries.idBytes(other)));
  const idsAt = HEAD_BYTES + FANOUT_BYTES;
  const checksumsAt = idsAt + count * ID_BYTES;
  const offsetsAt = checksumsAt + count * 4;
  const index = new Uint8Array(offsetsAt + count * 4 + 2 * CHECKSUM_BYTES);
  const view = new DataView(index.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, VERSION);
  const upTo = new Uint32Array(256);
  for (const [at, entry] of order.entries()) {
    const id = entries.idBytes(entry);
    index.set(id, idsAt + at * ID_BYTES);
    view.setUint32(checksumsAt + at * 4, entries.checksum(entry));
    view.setUint32(offsetsAt + at * 4, entries.offset(entry));
    upTo[id[0] ?? 0] = at + 1;
  }
  upTo.reduce((below, own, byte) => {
    const total = Math.max(below, own);
    view.setUint32(HEAD_BYTES + byte * 4, total);
    return total;
  }, 0);
  index.set(packChecksum, index.length - 2 * CHECKSUM_BYTES);
  const sum = createHash("sha1").update(index.subarray(0, -CHECKSUM_BYTES)).digest();
  index.set(sum, index.length - CHECKSUM_BYTES);
  return index;
}

function compare(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < ID_BYTES; at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
