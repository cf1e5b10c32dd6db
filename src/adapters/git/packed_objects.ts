// SPDX-License-Identifier: Apache-2.0

import { broken } from "./pack_entry.ts";
import { createPackCache, type RawObject, type SharedPackCache } from "./pack_cache.ts";
import { indexPack, type PackIndexing } from "./index_pack.ts";
import { openPack, type PackReader, type ReadBase } from "./pack_reader.ts";
import { keepWhole, type WholeObject } from "./whole_object.ts";
import type { SizeLimit } from "./size_limit.ts";

/** The packs of a repository that is mirrored in memory. Never changes: another pack makes another. */
export interface PackedObjects {
  /** How many packs there are. */
  readonly packs: number;
  /** Bytes of packs and their indexes. */
  readonly bytes: number;
  /** The object, its id proved; `undefined` when it is in no pack. */
  read(id: string, limit?: SizeLimit): RawObject | undefined;
  /**
   * What is here, and a pack that may hold deltas of it.
   *
   * @param pack A whole pack whose checksum is proved
   * @throws {TransportError} `limit-exceeded` with the name of the limit, or `broken-transfer`
   */
  with(
    pack: Uint8Array,
    options: Omit<PackIndexing, "outside" | "onLongChain">,
  ): Promise<PackedObjects>;
}

/** Bases of deltas that are kept. */
const MAX_CACHED_BYTES = 8 * 1024 * 1024;

/** No objects yet. */
export function createPackedObjects(): PackedObjects {
  return packedIn(undefined, createPackCache(MAX_CACHED_BYTES));
}

/** The newest pack, and those before it. */
interface HeldPack {
  readonly reader: PackReader;
  readonly before: HeldPack | undefined;
  readonly packs: number;
  readonly bytes: number;
}

function packedIn(newest: HeldPack | undefined, cache: SharedPackCache): PackedObjects {
  const outside: ReadBase = (id, chain) => found(newest, ({ base }) => base(id, chain));
  const { packs = 0, bytes = 0 } = newest ?? {};
  return {
    packs,
    bytes,
    read: (id, limit) => found(newest, (reader) => reader.read(id, limit)),
    async with(pack, options) {
      const whole = new Map<number, WholeObject>();
      const onLongChain = (at: number, object: RawObject) => whole.set(at, keepWhole(object));
      const index = await indexPack(pack, { ...options, outside, onLongChain });
      const reader = openPack(pack, index, { cache, outside, whole });
      if (reader === undefined) throw broken("its index cannot be read");
      const more = [...whole.values()].reduce((sum, { compressed }) => sum + compressed.length, 0);
      const size = pack.length + index.length + more;
      return packedIn({ reader, before: newest, packs: packs + 1, bytes: bytes + size }, cache);
    },
  };
}

/** What is asked for is mostly new. */
function found<T>(
  newest: HeldPack | undefined,
  read: (reader: PackReader) => T | undefined,
): T | undefined {
  for (let pack = newest; pack !== undefined; pack = pack.before) {
    const object = read(pack.reader);
    if (object !== undefined) return object;
  }
  return undefined;
}
