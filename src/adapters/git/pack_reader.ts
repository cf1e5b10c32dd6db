// SPDX-License-Identifier: Apache-2.0

import { freeBytes } from "./free_bytes.ts";
import { objectHash } from "./object_hash.ts";
import { applyDelta, deltaSizes, MAX_SIZES_BYTES } from "./pack_delta.ts";
import {
  createPackCache,
  type MadeObject,
  type RawObject,
  type SharedPackCache,
} from "./pack_cache.ts";
import {
  baseDistance,
  broken,
  type EntryHeader,
  headerAt,
  inflate,
  inflateStart,
  OFFSET_DELTA,
  REFERENCE_DELTA,
  TYPES,
} from "./pack_entry.ts";
import { requireSize, type SizeLimit } from "./size_limit.ts";
import { openWhole, type WholeObject } from "./whole_object.ts";

/** A pack with its index. */
export interface PackReader {
  /** The object, its id proved; `undefined` when the pack does not have it. */
  read(id: string, limit?: SizeLimit): RawObject | undefined;
  /** The same for {@linkcode PackSurroundings.outside}, its id not proved. */
  base: ReadBase;
}

/**
 * Finds what a delta changes; `undefined` when it is not there. What is made of it is proved.
 *
 * @param chain How many deltas are to be applied to it
 */
export type ReadBase = (id: string, chain: number) => MadeObject | undefined;

/** What a pack has in common with others. */
export interface PackSurroundings {
  /** Bases of deltas that are kept. */
  readonly cache?: SharedPackCache;
  /** Bases that are not in the pack itself: a thin pack names them by their ids. */
  readonly outside?: ReadBase;
  /** Objects that are kept whole besides, by the place of the delta that makes them. */
  readonly whole?: ReadonlyMap<number, WholeObject>;
}

const INDEX_MAGIC = 0xff744f63;
const FANOUT_AT = 8;
const IDS_AT = FANOUT_AT + 256 * 4;
/** Bases of deltas that are kept: versions of a file lie close together. */
const MAX_CACHED_BYTES = 8 * 1024 * 1024;
/** Git itself makes chains of at most 50, and 250 when told to. */
const MAX_CHAIN = 4_096;
/** What a small version counts as in a chain: its delta has to be found and inflated. */
const MIN_LINK_BYTES = 32 * 1024;

/**
 * Opens a pack for reading.
 *
 * The library inflates in JavaScript and keeps an entry per object of every pack in memory: reading
 * 2,000 files of a usual pack takes it two seconds and this a tenth of that.
 *
 * @returns `undefined` for an index in a form that only the library reads
 */
export function openPack(
  pack: Uint8Array,
  index: Uint8Array,
  {
    cache: shared = createPackCache(MAX_CACHED_BYTES),
    outside = nothing,
    whole: wholes,
  }: PackSurroundings = {},
): PackReader | undefined {
  const view = new DataView(index.buffer, index.byteOffset, index.byteLength);
  if (index.length < IDS_AT || view.getUint32(0) !== INDEX_MAGIC || view.getUint32(4) !== 2) {
    return undefined;
  }
  const cache = shared.part();
  const place = (id: string) => offsetOf(view, index, id);
  const at = (offset: number, chain: number): MadeObject => {
    const object = cache.get(offset) ?? made(offset, chain);
    if (chain === 0) cache.share(object);
    return object;
  };
  const made = (offset: number, chain: number): MadeObject => {
    if (chain > MAX_CHAIN) throw broken("its deltas go on and on");
    const whole = wholes?.get(offset);
    const object = whole === undefined ? unpacked(offset, chain) : openWhole(whole);
    cache.set(offset, object);
    return object;
  };
  const unpacked = (offset: number, chain: number): MadeObject => {
    const header = headerAt(pack, offset, pack.length - 20);
    const type = TYPES[header.type];
    // The base first: whatever is held meanwhile is held for each link of a chain.
    const base = type === undefined ? baseOf(header, offset, chain + 1) : undefined;
    const { bytes } = inflate(pack.subarray(header.start, pack.length - 20), header.size);
    if (base !== undefined) return ofBase(base, bytes);
    return { type: type ?? "", bytes, chainBytes: bytes.length };
  };
  const baseOf = (header: EntryHeader, offset: number, chain: number): MadeObject => {
    if (header.type !== REFERENCE_DELTA) return at(baseOffset(header, { pack, offset }), chain);
    const id = hexOf(pack.subarray(header.baseAt, header.baseAt + 20));
    const inside = place(id);
    const base = inside === undefined ? outside(id, chain) : at(inside, chain);
    if (base === undefined) throw broken("the base of a delta is missing");
    return base;
  };
  const sizeAt = (offset: number): number => {
    const { type, size, start } = headerAt(pack, offset, pack.length - 20);
    if (TYPES[type] !== undefined) return size;
    const delta = pack.subarray(start, pack.length - 20);
    return deltaSizes(inflateStart(delta, Math.min(size, MAX_SIZES_BYTES))).result;
  };
  const base: ReadBase = (id, chain) => {
    const offset = place(id);
    return offset === undefined ? undefined : at(offset, chain);
  };
  return {
    base,
    read(id, limit) {
      const offset = place(id);
      if (offset === undefined) return undefined;
      if (limit?.maxBytes !== undefined) requireSize(sizeAt(offset), limit);
      return proved(id, at(offset, 0));
    },
  };
}

const nothing = () => undefined;

function ofBase(base: MadeObject, delta: Uint8Array): MadeObject {
  const bytes = applyDelta(base.bytes, delta);
  freeBytes(delta);
  const chainBytes = base.chainBytes + Math.max(bytes.length, MIN_LINK_BYTES);
  return { type: base.type, bytes, chainBytes };
}

function baseOffset(
  header: EntryHeader,
  { pack, offset }: { readonly pack: Uint8Array; readonly offset: number },
): number {
  const base = header.type === OFFSET_DELTA ? offset - baseDistance(pack, header.baseAt) : -1;
  if (base < 12 || base >= offset) throw broken("the base of a delta lies outside");
  return base;
}

/** Looks an id up: the first byte narrows it to a range, which is sorted. */
function offsetOf(view: DataView, index: Uint8Array, id: string): number | undefined {
  const count = view.getUint32(FANOUT_AT + 255 * 4);
  const first = Number.parseInt(id.slice(0, 2), 16);
  let low = first === 0 ? 0 : view.getUint32(FANOUT_AT + (first - 1) * 4);
  let high = view.getUint32(FANOUT_AT + first * 4);
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = hexOf(index.subarray(IDS_AT + middle * 20, IDS_AT + middle * 20 + 20));
    if (found === id) return packOffset(view, count, middle);
    if (found < id) low = middle + 1;
    else high = middle;
  }
  return undefined;
}

function packOffset(view: DataView, count: number, entry: number): number {
  const offset = view.getUint32(IDS_AT + count * 24 + entry * 4);
  if (offset < 0x80000000) return offset;
  return Number(view.getBigUint64(IDS_AT + count * 28 + (offset - 0x80000000) * 8));
}

function hexOf(bytes: Uint8Array): string {
  return bytes.toHex();
}

/** Content decides the id: whatever is wrong on the way to it shows here. */
function proved(id: string, object: RawObject): RawObject {
  if (objectHash(object).digest("hex") === id) return object;
  throw broken(`object ${id} has another content`);
}
