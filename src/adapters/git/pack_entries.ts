// SPDX-License-Identifier: Apache-2.0

import { crc32 } from "node:zlib";

/** What is known of the entries of a pack, in arrays: there may be half a million. */
export interface PackEntries {
  readonly count: number;
  /** Adds the next entry, behind all others. */
  add(index: number, offset: number, raw: Uint8Array): void;
  offset(index: number): number;
  checksum(index: number): number;
  /** The entry that begins at an offset, among those before `before`. */
  indexAt(offset: number, before: number): number | undefined;
  setId(index: number, id: Uint8Array): void;
  id(index: number): string;
  idBytes(index: number): Uint8Array;
  /** Whether every entry has an id. */
  isComplete(): boolean;
  /** Makes an entry a delta of another one. */
  setBase(index: number, base: number): void;
  base(index: number): number | undefined;
  /** Whether an entry has no id of its own yet. */
  isDelta(index: number): boolean;
  children(index: number): number[];
  hasChildren(index: number): boolean;
  setChainBytes(index: number, bytes: number): void;
  chainBytes(index: number): number;
}

const ID_BYTES = 20;
const NONE = -1;

/** Makes room for so many entries. */
export function createPackEntries(count: number): PackEntries {
  const offsets = new Uint32Array(count);
  const checksums = new Uint32Array(count);
  const ids = new Uint8Array(count * ID_BYTES);
  const hasId = new Uint8Array(count);
  const bases = new Int32Array(count).fill(NONE);
  const firstChild = new Int32Array(count).fill(NONE);
  const nextChild = new Int32Array(count).fill(NONE);
  const chains = new Float64Array(count);
  const idBytes = (index: number) => ids.subarray(index * ID_BYTES, (index + 1) * ID_BYTES);
  let withId = 0;
  return {
    count,
    add(index, offset, raw) {
      offsets[index] = offset;
      checksums[index] = crc32(raw);
    },
    offset: (index) => offsets[index] ?? 0,
    checksum: (index) => checksums[index] ?? 0,
    indexAt(offset, before) {
      let [low, high] = [0, before];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((offsets[middle] ?? 0) < offset) low = middle + 1;
        else high = middle;
      }
      return low < before && offsets[low] === offset ? low : undefined;
    },
    setId(index, id) {
      if (hasId[index] === 0) withId++;
      hasId[index] = 1;
      ids.set(id, index * ID_BYTES);
    },
    id: (index) => idBytes(index).toHex(),
    idBytes,
    isComplete: () => withId === count,
    setBase(index, base) {
      bases[index] = base;
      nextChild[index] = firstChild[base] ?? NONE;
      firstChild[base] = index;
    },
    base(index) {
      const base = bases[index] ?? NONE;
      return base === NONE ? undefined : base;
    },
    isDelta: (index) => hasId[index] === 0 || bases[index] !== NONE,
    children(index) {
      const children: number[] = [];
      for (let at = firstChild[index] ?? NONE; at !== NONE; at = nextChild[at] ?? NONE) {
        children.push(at);
      }
      return children;
    },
    hasChildren: (index) => firstChild[index] !== NONE,
    setChainBytes(index, bytes) {
      chains[index] = bytes;
    },
    chainBytes: (index) => chains[index] ?? 0,
  };
}
