// SPDX-License-Identifier: Apache-2.0

import { TransportError } from "./failure.ts";
import { deltaSizes } from "./pack_delta.ts";
import { broken, headerAt, inflate, OFFSET_DELTA, REFERENCE_DELTA } from "./pack_entry.ts";

/** How much a pack may hold. */
export interface PackLimits {
  readonly maxObjects: number;
  /** Bytes of one object, unpacked and with its deltas applied. */
  readonly maxObjectBytes: number;
  /** Bytes of all that is inflated. */
  readonly maxInflatedBytes: number;
}

const HEADER_BYTES = 12;
const CHECKSUM_BYTES = 20;

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
    if (isDelta(header.type)) boundedSize(deltaSizes(entry.bytes).result, limits);
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

function exceeded(what: string, limit: keyof PackLimits, limits: PackLimits): TransportError {
  const text = `the pack holds ${what}, more than ${limits[limit]} (${limit})`;
  return new TransportError("limit-exceeded", text);
}
