// SPDX-License-Identifier: Apache-2.0

import {
  type Abortable,
  type Clock,
  ClusterError,
  type Logger,
  type Packer,
  type YieldNow,
} from "../../runtime/ports.ts";
import {
  headChange,
  headObject,
  headOf,
  isHead,
  nameOf,
  partObject,
  type RecordHead,
  recordHeadName,
} from "./record_maps.ts";
import { createRecordParts, type RecordPart } from "./record_parts.ts";
import type { RecordPlace } from "./record_place.ts";
import type { ChannelRecord } from "../release/release.ts";

/** What writing records needs. */
export interface RecordWriterOptions {
  readonly place: RecordPlace;
  readonly packer: Packer;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Logger;
  readonly yieldNow: YieldNow;
}

/**
 * Writes records so that at every moment the one before or the new one can be read: first the parts
 * that are not there, then the head, which names them, then what nothing names any more is deleted.
 *
 * One call at a time. Rejects with a `ClusterError`, or with a `RecordFault` where a record is too
 * large.
 */
export interface RecordWriter {
  save(record: ChannelRecord, options: Abortable): Promise<void>;
  remove(channel: string, options: Abortable): Promise<void>;
  /** A part that does not hold what its name says: it is written anew before it is used again. */
  distrust(part: string): void;
}

/** What is in the cluster. */
interface Overview {
  readonly at: number;
  readonly heads: Map<string, RecordHead>;
  readonly parts: Set<string>;
}

/** How long it is believed that nobody else has changed anything. */
const OVERVIEW_MS = 30_000;
/** How often it is looked anew, at once, where somebody has. */
const LOOKS = 3;

/** Makes a writer; it looks what is there when it is asked to write. */
export function createRecordWriter(options: RecordWriterOptions): RecordWriter {
  const { place, packer, clock, yieldNow } = options;
  const cutter = createRecordParts(options);
  const distrusted = new Set<string>();
  const own = new Map<string, RecordHead>();
  let known: Overview | undefined;

  async function look(to: Abortable): Promise<Overview> {
    if (known !== undefined && clock.now() - known.at < OVERVIEW_MS) return known;
    const found = await place.list(["channel", "part"], { signal: to.signal, metadataOnly: true });
    known = {
      at: clock.now(),
      heads: new Map(found.filter(isHead).map((head) => [nameOf(head), headOf(head)])),
      parts: new Set(found.filter((object) => !isHead(object)).map(nameOf)),
    };
    tellOthers(known.heads, own, options);
    return known;
  }

  /** Looks anew where the cluster is not as it was thought to be. */
  async function knowing(
    work: (overview: Overview) => Promise<void>,
    to: Abortable,
  ): Promise<void> {
    for (let looks = 1;; looks++) {
      try {
        return await work(await look(to));
      } catch (error) {
        known = undefined;
        if (looks >= LOOKS || !isOutdated(error)) throw error;
      }
    }
  }

  async function writePart({ name, bytes }: RecordPart, { parts }: Overview, to: Abortable) {
    if (distrusted.has(name)) {
      await place.delete(name, to);
      parts.delete(name);
      distrusted.delete(name);
    }
    if (parts.has(name)) return;
    await place.create(await partObject(name, bytes(), packer), to);
    parts.add(name);
    await yieldNow();
  }

  async function writeHead(
    record: ChannelRecord,
    parts: readonly string[],
    { heads, to }: { readonly heads: Overview["heads"]; readonly to: Abortable },
  ): Promise<void> {
    const name = await recordHeadName(record.channel, packer);
    const before = heads.get(name);
    const head = headObject(name, record, parts);
    if (before !== undefined && isSame(before, headOf(head))) return;
    const written = before === undefined
      ? await place.create(head, to)
      : await place.change(name, headChange(head, before), to);
    heads.set(name, headOf(written));
    own.set(name, headOf(written));
  }

  async function collect({ heads, parts }: Overview, to: Abortable): Promise<void> {
    const used = new Set([...heads.values()].flatMap((head) => head.parts));
    for (const name of parts) {
      if (used.has(name)) continue;
      await place.delete(name, to);
      parts.delete(name);
    }
    cutter.keepOnly(parts);
  }

  return {
    distrust: (part) => void distrusted.add(part),
    save: (record, to) =>
      knowing(async (overview) => {
        const parts = await cutter.of(record);
        for (const part of parts) await writePart(part, overview, to);
        await writeHead(record, parts.map(({ name }) => name), { heads: overview.heads, to });
        await collect(overview, to);
      }, to),
    remove: (channel, to) =>
      knowing(async (overview) => {
        const name = await recordHeadName(channel, packer);
        if (overview.heads.has(name)) await place.delete(name, to);
        overview.heads.delete(name);
        own.delete(name);
        await collect(overview, to);
      }, to),
  };
}

/** Two who keep their records in one place overwrite each other's without an end. */
function tellOthers(
  heads: ReadonlyMap<string, RecordHead>,
  own: Map<string, RecordHead>,
  { logger, place }: RecordWriterOptions,
): void {
  for (const [name, written] of own) {
    const found = heads.get(name);
    if (found === undefined || isSame(found, written)) continue;
    own.delete(name);
    logger.log({
      level: "warn",
      message:
        `Another reconciler writes the record of channel "${written.channel}" in namespace ` +
        `"${place.namespace}": give each its own with --record-namespace`,
      fields: { channel: written.channel, configMap: name },
    });
  }
}

/** Somebody else has made, changed or deleted what was to be written. */
function isOutdated(error: unknown): boolean {
  return error instanceof ClusterError && (error.status === 404 || error.status === 409);
}

function isSame(one: RecordHead, other: RecordHead): boolean {
  return one.channel === other.channel && one.format === other.format &&
    one.parts.join() === other.parts.join();
}
