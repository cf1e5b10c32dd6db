// SPDX-License-Identifier: Apache-2.0

import type {
  Abortable,
  Clock,
  KubernetesObject,
  Logger,
  Packer,
  YieldNow,
} from "../../runtime/ports.ts";
import { RecordFault } from "./record_check.ts";
import {
  bytesOfPart,
  checkHead,
  headOf,
  MAX_RECORD_BYTES,
  nameOf,
  type RecordHead,
} from "./record_maps.ts";
import type { RecordPlace } from "./record_place.ts";
import { createRecordReader } from "./record_text.ts";
import { createRecordWriter, type RecordWriter } from "./record_writer.ts";
import type { ChannelRecord, RecordStore } from "../release/release.ts";

/** What keeping records needs. */
export interface RecordStoreOptions {
  /** Where records lie. */
  readonly place: RecordPlace;
  /** Compresses and names parts. */
  readonly packer: Packer;
  /** For how long it is believed that nobody else has changed anything. */
  readonly clock: Pick<Clock, "now">;
  /** Lets others have their turn between two parts. */
  readonly yieldNow: YieldNow;
  /** Is told what cannot be used, and why. */
  readonly logger: Logger;
}

/** Keeps records in ConfigMaps. Nothing is asked for before the first call. */
export function createRecordStore(options: RecordStoreOptions): RecordStore {
  const { place, logger } = options;
  const writer = createRecordWriter(options);
  return {
    async load(to) {
      return await place.attempt(() => loadAll({ ...options, writer }, to), to) ?? [];
    },
    async save(record, to) {
      try {
        await place.attempt(() => writer.save(record, to), to);
      } catch (error) {
        if (!(error instanceof RecordFault)) throw error;
        tellUnrecorded(logger, record.channel, error);
      }
    },
    async remove(channel, to) {
      await place.attempt(() => writer.remove(channel, to), to);
    },
  };
}

interface Reading extends RecordStoreOptions {
  readonly writer: Pick<RecordWriter, "distrust">;
}

async function loadAll(reading: Reading, to: Abortable): Promise<readonly ChannelRecord[]> {
  const { place, packer, logger } = reading;
  const heads = (await place.list(["channel"], { signal: to.signal, metadataOnly: true })).map(
    headOf,
  );
  if (heads.length === 0) return [];
  const parts = new Map((await place.list(["part"], to)).map((part) => [nameOf(part), part]));
  const records: ChannelRecord[] = [];
  for (const head of heads) {
    try {
      await checkHead(head, packer);
      records.push(await readRecord(head, parts, reading));
    } catch (error) {
      if (!(error instanceof RecordFault)) throw error;
      tellDamaged(logger, head, error);
    }
  }
  return records;
}

async function readRecord(
  head: RecordHead,
  parts: ReadonlyMap<string, KubernetesObject>,
  { packer, writer, yieldNow }: Reading,
): Promise<ChannelRecord> {
  const decoder = new TextDecoder();
  const reader = createRecordReader(head.channel);
  let size = 0;
  for (const name of head.parts) {
    const bytes = await bytesOfPart(name, parts.get(name), packer).catch((fault) => {
      writer.distrust(name);
      throw fault;
    });
    size += bytes.length;
    if (size > MAX_RECORD_BYTES) throw new RecordFault(`it has over ${MAX_RECORD_BYTES} bytes`);
    reader.add(decoder.decode(bytes, { stream: true }));
    await yieldNow();
  }
  return reader.end();
}

function tellDamaged(logger: Logger, { channel, name }: RecordHead, fault: RecordFault): void {
  logger.log({
    level: "warn",
    message:
      `Cannot use the record of channel "${channel}": ${fault.message}; the channel begins ` +
      "with what its repository holds, and is recorded anew",
    fields: { channel, configMap: name },
  });
}

function tellUnrecorded(logger: Logger, channel: string, fault: RecordFault): void {
  logger.log({
    level: "warn",
    message: `Cannot record channel "${channel}": ${fault.message}; a restart finds what was ` +
      "recorded before",
    fields: { channel },
  });
}
