// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, type JsonObject, type JsonValue, memberAt } from "../../language/mod.ts";
import type { KubernetesObject, Packer, ResourcePath } from "../../runtime/ports.ts";
import { RecordFault } from "./record_check.ts";
import { NO_SUMMARY, summaryOf } from "./record_summary.ts";
import type { ChannelRecord } from "../release/release.ts";

/** Where the record is. */
export const CONFIG_MAPS: ResourcePath = {
  apiVersion: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
};

const CONFIG_MAP = { apiVersion: CONFIG_MAPS.apiVersion, kind: CONFIG_MAPS.kind };

/** The label of every ConfigMap of the record; its value says which sort it is. */
export const RECORD_LABEL = "koreo.dev/record";
/** The channel that a head is of. */
export const RECORD_CHANNEL = "koreo.dev/record-channel";
/** How the record is written. */
export const RECORD_FORMAT = "koreo.dev/record-format";
/** The names of the parts, in order. */
export const RECORD_PARTS = "koreo.dev/record-parts";

const FORMAT = "1";
/** Of a part, before it is compressed: what a ConfigMap may hold is 1 MiB. */
export const MAX_PART_BYTES = 640 * 1024;
/** Of a record, before it is compressed. */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024;
/** Of a record: their names must fit into the annotations of its head. */
export const MAX_PARTS = 2_000;
const PART_KEY = "lines.gz";
const PART_PREFIX = "koreo-record-part-";

/** What the names of parts begin with is followed by this much of their digest. */
const DIGEST_LENGTH = 40;

/** A head as it lies in the cluster. */
export interface RecordHead {
  readonly name: string;
  readonly channel: string;
  readonly format: string;
  readonly parts: readonly string[];
  readonly resourceVersion: string;
}

/** The name of the head of a channel; readable, and of no other channel. */
export async function recordHeadName(channel: string, packer: Packer): Promise<string> {
  const digest = await packer.digest(new TextEncoder().encode(channel));
  const readable = channel.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return ["koreo-record", ...(readable === "" ? [] : [readable.slice(0, 63)]), digest.slice(0, 10)]
    .join("-");
}

/** The head of a channel as it is to be. */
export function headObject(
  name: string,
  record: ChannelRecord,
  parts: readonly string[],
): KubernetesObject {
  return {
    ...CONFIG_MAP,
    metadata: {
      name,
      labels: { [RECORD_LABEL]: "channel" },
      annotations: {
        [RECORD_CHANNEL]: record.channel,
        [RECORD_FORMAT]: FORMAT,
        [RECORD_PARTS]: parts.join(","),
      },
    },
    data: summaryOf(record.release),
  };
}

/** What makes a head of this one, if nobody has changed it meanwhile. */
export function headChange(head: KubernetesObject, before: RecordHead): JsonObject {
  const { metadata, data = {} } = head;
  return {
    metadata: { ...metadata, resourceVersion: before.resourceVersion },
    // The keys that are there no more.
    data: { ...NO_SUMMARY, ...(isJsonObject(data) ? data : {}) },
  };
}

/** Reads the metadata of a head. */
export function headOf({ metadata }: KubernetesObject): RecordHead {
  const annotation = (key: string) => textOf(memberAt(metadata, "annotations", key));
  return {
    name: textOf(metadata.name),
    channel: annotation(RECORD_CHANNEL),
    format: annotation(RECORD_FORMAT),
    parts: annotation(RECORD_PARTS).split(",").filter((name) => name !== ""),
    resourceVersion: textOf(metadata.resourceVersion),
  };
}

/** Whether an object is a head, and not a part. */
export function isHead({ metadata }: KubernetesObject): boolean {
  return memberAt(metadata, "labels", RECORD_LABEL) === "channel";
}

/** The name of an object. */
export function nameOf({ metadata }: KubernetesObject): string {
  return textOf(metadata.name);
}

/** The name of the part that holds these bytes: equal bytes, equal name. */
export async function partName(bytes: Uint8Array, packer: Packer): Promise<string> {
  return `${PART_PREFIX}${(await packer.digest(bytes)).slice(0, DIGEST_LENGTH)}`;
}

/** The part that holds these bytes. */
export async function partObject(
  name: string,
  bytes: Uint8Array,
  packer: Packer,
): Promise<KubernetesObject> {
  return {
    ...CONFIG_MAP,
    metadata: { name, labels: { [RECORD_LABEL]: "part" } },
    immutable: true,
    binaryData: { [PART_KEY]: await packer.pack(bytes) },
  };
}

/**
 * What a part holds, before it was compressed.
 *
 * @throws {RecordFault} If that is not what its name says
 */
export async function bytesOfPart(
  name: string,
  part: KubernetesObject | undefined,
  packer: Packer,
): Promise<Uint8Array> {
  if (part === undefined) throw new RecordFault(`ConfigMap "${name}" is missing`);
  const bytes = await packer.unpack(
    textOf(memberAt(part, "binaryData", PART_KEY)),
    MAX_PART_BYTES,
  );
  if (bytes !== undefined && await partName(bytes, packer) === name) return bytes;
  throw new RecordFault(`ConfigMap "${name}" does not hold what was written`);
}

/** Checks that a record can be read on, as far as its head says. */
export async function checkHead(head: RecordHead, packer: Packer): Promise<void> {
  const { format, parts, channel, name } = head;
  if (name !== await recordHeadName(channel, packer)) {
    throw new RecordFault(`ConfigMap "${name}" is not the one that it lies in`);
  }
  if (format !== FORMAT) {
    throw new RecordFault(`its format is "${format}", and this version reads "${FORMAT}"`);
  }
  if (parts.length > MAX_PARTS) {
    throw new RecordFault(`it has ${parts.length} parts, at most ${MAX_PARTS} are read`);
  }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
