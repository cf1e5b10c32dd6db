// SPDX-License-Identifier: Apache-2.0

import type { Abortable } from "../../runtime/ports.ts";
import { overLimit, type TransportError } from "./failure.ts";
import { freeBytes } from "./free_bytes.ts";
import { applyDelta, deltaSizes } from "./pack_delta.ts";
import {
  baseDistance,
  broken,
  CHECKSUM_BYTES,
  headerAt,
  inflate,
  OFFSET_DELTA,
  REFERENCE_DELTA,
  TYPES,
} from "./pack_entry.ts";
import { createPackEntries, type PackEntries } from "./pack_entries.ts";
import { objectHash } from "./object_hash.ts";
import { heldBytes, type MadeObject, type RawObject } from "./pack_cache.ts";
import { writePackIndex } from "./pack_index.ts";
import type { ReadBase } from "./pack_reader.ts";
import { createRecentCache } from "./recent_cache.ts";
import { takeTurns } from "./take_turns.ts";

/** How much a pack may hold. */
export interface PackLimits {
  readonly maxObjects: number;
  /** Bytes of one object, unpacked and with its deltas applied. */
  readonly maxObjectBytes: number;
  /** Bytes that are inflated, and made by deltas, in all. */
  readonly maxInflatedBytes: number;
}

/** What indexing goes by. */
export interface PackIndexing extends Abortable {
  readonly limits: PackLimits;
  /** Bases of deltas that are in another pack: then the pack is a thin one. */
  readonly outside?: ReadBase;
  /**
   * Is told of each object whose base is in another pack and itself the end of a long chain, which
   * would have to be gone through for this one and all that follow. It counts as no delta then.
   */
  readonly onLongChain?: (offset: number, object: RawObject) => void;
}

const HEADER_BYTES = 12;
/** Objects that are held for the deltas that change them. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;
/** Bytes of all versions between an object and the one that is no delta: reading it makes them all. */
const MAX_CHAIN_BYTES = 1024 * 1024 * 1024;
/** The same through packs that came one after the other. */
const LONG_CHAIN_BYTES = 128 * 1024 * 1024;

/**
 * Makes the index of a pack, and refuses what does not fit the limits before it is inflated.
 *
 * The library believes whatever size an entry states, and keeps what it inflates: a few kilobytes
 * become as many gigabytes. Here every entry is bounded by itself and in sum, and no more is held at
 * once than {@linkcode MAX_HELD_BYTES} and two objects.
 *
 * @param pack A whole pack whose checksum is proved
 * @returns The index, version 2
 * @throws {TransportError} `limit-exceeded` with the name of the limit, or `broken-transfer`
 */
export async function indexPack(
  pack: Uint8Array,
  options: PackIndexing,
): Promise<Uint8Array<ArrayBuffer>> {
  const count = new DataView(pack.buffer, pack.byteOffset).getUint32(8);
  const { maxObjects } = options.limits;
  if (count > maxObjects) throw exceeded(`${count} objects`, "maxObjects", options.limits);
  const work: Work = {
    pack,
    limits: options.limits,
    entries: createPackEntries(count),
    waiting: new Map(),
    outside: (id) => options.outside?.(id, 0),
    outsideBases: new Map(),
    onLongChain: options.onLongChain ?? (() => {}),
    inflated: 0,
    rest: takeTurns(options),
  };
  await walkEntries(work, count);
  await resolveDeltas(work);
  return writePackIndex(work.entries, pack.subarray(-CHECKSUM_BYTES));
}

interface Work {
  readonly pack: Uint8Array;
  readonly limits: PackLimits;
  readonly entries: PackEntries;
  /** Deltas that name their base by its id, by that id. */
  readonly waiting: Map<string, number[]>;
  /** Finds an object of another pack. */
  readonly outside: (id: string) => MadeObject | undefined;
  /** Deltas of such objects. */
  readonly outsideBases: Map<number, OutsideBase>;
  readonly onLongChain: (offset: number, object: RawObject) => void;
  inflated: number;
  /** Lets others have their turn when it is time. */
  readonly rest: () => Promise<void> | undefined;
}

interface OutsideBase {
  readonly id: string;
  readonly chainBytes: number;
}

async function walkEntries(work: Work, count: number): Promise<void> {
  const end = work.pack.length - CHECKSUM_BYTES;
  let at = HEADER_BYTES;
  for (let index = 0; index < count; index++) {
    at = walkEntry(work, index, at);
    const turn = work.rest();
    if (turn !== undefined) await turn;
  }
  if (at !== end) throw broken("it goes on after its last object");
}

/** Checks an entry and notes what it is; gives where the next one begins. */
function walkEntry(work: Work, index: number, at: number): number {
  const { pack, entries, limits } = work;
  const header = headerAt(pack, at, pack.length - CHECKSUM_BYTES);
  const compressed = pack.subarray(header.start, -CHECKSUM_BYTES);
  const { bytes, consumed } = inflate(compressed, boundedSize(header.size, limits));
  count(work, bytes.length);
  const next = header.start + consumed;
  entries.add(index, at, pack.subarray(at, next));
  const type = TYPES[header.type];
  if (type !== undefined) {
    entries.setId(index, objectHash({ type, bytes }).digest());
    entries.setChainBytes(index, bytes.length);
  } else noteDelta(work, index, { ...header, result: deltaSizes(bytes).result });
  freeBytes(bytes);
  return next;
}

function noteDelta(
  { pack, entries, limits, waiting }: Work,
  index: number,
  delta: { readonly type: number; readonly baseAt: number; readonly result: number },
): void {
  boundedSize(delta.result, limits);
  if (delta.type === OFFSET_DELTA) {
    const base = entries.indexAt(entries.offset(index) - baseDistance(pack, delta.baseAt), index);
    if (base === undefined) throw broken("the base of a delta lies outside");
    entries.setBase(index, base);
  } else if (delta.type === REFERENCE_DELTA) {
    const id = pack.subarray(delta.baseAt, delta.baseAt + 20).toHex();
    const named = waiting.get(id);
    if (named === undefined) waiting.set(id, [index]);
    else named.push(index);
  } else throw broken("an object is of no known type");
}

/** Goes from every object that is no delta to those that change it, and on to those that change them. */
async function resolveDeltas(work: Work): Promise<void> {
  const { entries, waiting } = work;
  const contents = createContents(work);
  for (let root = 0; root < entries.count; root++) {
    if (!entries.isDelta(root)) await resolveAll(work, contents, childrenOf(work, root));
  }
  for (const [id, named] of waiting) {
    const outside = work.outside(id);
    if (outside === undefined) continue;
    waiting.delete(id);
    const { chainBytes } = outside;
    for (const index of named) work.outsideBases.set(index, { id, chainBytes });
    await resolveAll(work, contents, named);
  }
  if (waiting.size > 0 || !entries.isComplete()) throw broken("the base of a delta is missing");
}

/** Gives entries their ids, and those that change them. */
async function resolveAll(work: Work, contents: Contents, stack: number[]): Promise<void> {
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    work.entries.setId(index, objectHash(contents.of(index)).digest());
    // One by one: a call takes no hundred thousand arguments.
    for (const child of childrenOf(work, index)) stack.push(child);
    const turn = work.rest();
    if (turn !== undefined) await turn;
  }
}

function childrenOf({ entries, waiting }: Work, index: number): number[] {
  const children = entries.children(index);
  if (waiting.size === 0) return children;
  const id = entries.id(index);
  const named = waiting.get(id);
  if (named === undefined) return children;
  waiting.delete(id);
  for (const child of named) entries.setBase(child, index);
  return entries.children(index);
}

interface Contents {
  /** The content of an entry, until the next one is asked for. */
  of(index: number): RawObject;
}

/** Gives the content of entries; the one given last is at hand, and others as far as they are held. */
function createContents(work: Work): Contents {
  const { entries, pack } = work;
  const cache = createRecentCache<number, RawObject>({
    limit: MAX_HELD_BYTES,
    sizeOf: heldBytes,
    onDrop: ({ bytes }) => freeBytes(bytes),
  });
  let leaf: RawObject | undefined;
  const outsideBase = (index: number | undefined) => {
    const base = index === undefined ? undefined : work.outsideBases.get(index);
    return base === undefined ? undefined : work.outside(base.id);
  };
  const unpacked = (index: number) => {
    const header = headerAt(pack, entries.offset(index), pack.length - CHECKSUM_BYTES);
    const { bytes } = inflate(pack.subarray(header.start, -CHECKSUM_BYTES), header.size);
    count(work, bytes.length);
    return { type: TYPES[header.type] ?? "", bytes };
  };
  const changed = (base: Uint8Array, delta: Uint8Array) => {
    const bytes = applyDelta(base, delta);
    freeBytes(delta);
    count(work, bytes.length);
    return bytes;
  };
  const made = (index: number) => {
    const known = cache.get(index);
    if (known !== undefined) return known;
    // From the nearest one that is at hand on, each version is made of the one before.
    const chain = [index];
    let base = entries.base(index);
    while (base !== undefined && cache.get(base) === undefined) {
      chain.push(base);
      base = entries.base(base);
    }
    let object = base === undefined ? outsideBase(chain.at(-1)) : cache.get(base);
    for (const link of chain.reverse()) {
      const own = unpacked(link);
      if (object === undefined) object = own;
      else object = { type: object.type, bytes: changed(object.bytes, own.bytes) };
      // One that nothing changes would displace another that is still needed.
      if (work.waiting.size > 0 || entries.hasChildren(link)) cache.set(link, object);
      else leaf = object;
    }
    return object ?? unpacked(index);
  };
  const chainBelow = (index: number, object: RawObject): number => {
    const base = entries.base(index);
    if (base !== undefined) return entries.chainBytes(base);
    const { chainBytes = 0 } = work.outsideBases.get(index) ?? {};
    if (chainBytes <= LONG_CHAIN_BYTES) return chainBytes;
    work.onLongChain(entries.offset(index), object);
    return 0;
  };
  return {
    of(index: number) {
      if (leaf !== undefined) freeBytes(leaf.bytes);
      leaf = undefined;
      const object = made(index);
      entries.setChainBytes(index, chainBelow(index, object) + object.bytes.length);
      if (entries.chainBytes(index) <= MAX_CHAIN_BYTES) return object;
      throw overLimit(`the pack holds deltas of deltas of more than ${MAX_CHAIN_BYTES} bytes`);
    },
  };
}

function count(work: Work, bytes: number): void {
  work.inflated += bytes;
  if (work.inflated <= work.limits.maxInflatedBytes) return;
  throw exceeded(`${work.inflated} bytes in all`, "maxInflatedBytes", work.limits);
}

function boundedSize(size: number, limits: PackLimits): number {
  if (size <= limits.maxObjectBytes) return size;
  throw exceeded(`an object of ${size} bytes`, "maxObjectBytes", limits);
}

function exceeded(what: string, limit: keyof PackLimits, limits: PackLimits): TransportError {
  return overLimit(`the pack holds ${what}, more than ${limits[limit]} (${limit})`);
}
