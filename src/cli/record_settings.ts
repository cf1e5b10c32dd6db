// SPDX-License-Identifier: Apache-2.0

import { Option, type OptionValues } from "commander";
import { gzipPacker } from "../adapters/gzip_packer.ts";
import { systemClock, systemRandom, systemYield } from "../adapters/system.ts";
import {
  createHeadObjects,
  createKindRecord,
  createRecordPlace,
  createRecordStore,
  type HeadObjects,
  type KindRecord,
  type RecordStore,
} from "../controller/mod.ts";
import type { Cluster, Logger } from "../runtime/ports.ts";
import { setting } from "./command.ts";
import { UsageError } from "./command_io.ts";
import type { ClusterChoice } from "./cluster_choice.ts";

/** Where what is in force survives a restart. */
export interface RecordSettings {
  /** Absent: the reconciler's own in a cluster, else {@linkcode DEFAULT_RECORD_NAMESPACE}. */
  readonly namespace?: string;
}

/** Where the record lies unless something else is said; `deploy/rbac.yaml` makes it. */
export const DEFAULT_RECORD_NAMESPACE = "koreo-system";

const OWN_NAMESPACE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
const NAMESPACE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** `--record-namespace` and `--no-record`. */
export function recordOptions(): readonly Option[] {
  return [
    setting(
      "--record-namespace <name>",
      "where what is in force outlasts a restart (default: its own in a cluster, else koreo-system)",
    ),
    noRecordSetting(),
  ];
}

/** A switch whose variable may also say "false": commander takes any text for a switch set. */
function noRecordSetting(): Option {
  const option = setting("--no-record", "keep no record: a restart goes by the repository alone");
  option.optional = true;
  return option.choices(["true", "false"]);
}

/**
 * Reads them.
 *
 * @throws {UsageError} If the namespace can be the name of none
 */
export function recordSettings(
  { record, recordNamespace: namespace }: OptionValues,
): { readonly record?: RecordSettings } {
  if (record === false || record === "true") return {};
  if (namespace === undefined || namespace === "") return { record: {} };
  return { record: { namespace: recordNamespace(namespace) } };
}

/**
 * Checks what `--record-namespace` says.
 *
 * @throws {UsageError} If it can be the name of no namespace
 */
export function recordNamespace(text: string): string {
  if (NAMESPACE_NAME.test(text)) return text;
  throw new UsageError(
    `Cannot use "${text}" for --record-namespace: expected the name of a namespace, such as ` +
      `"${DEFAULT_RECORD_NAMESPACE}"`,
  );
}

/** The settings with the namespace that they come to on a cluster. */
export async function settledRecord<S extends Settled>(
  { record, ...settings }: S,
): Promise<Omit<S, "record"> & { readonly record?: Required<RecordSettings> }> {
  if (record === undefined) return settings;
  const namespace = record.namespace ?? await ownNamespace(settings.cluster);
  return { ...settings, record: { namespace } };
}

interface Settled {
  readonly record?: RecordSettings;
  readonly cluster: ClusterChoice;
}

async function ownNamespace(cluster: ClusterChoice): Promise<string> {
  if (cluster.type !== "in-cluster") return DEFAULT_RECORD_NAMESPACE;
  try {
    return (await Deno.readTextFile(OWN_NAMESPACE)).trim() || DEFAULT_RECORD_NAMESPACE;
  } catch {
    // A pod whose token is mounted without its namespace: then the documented one counts.
    return DEFAULT_RECORD_NAMESPACE;
  }
}

/** What is kept in the cluster. */
export interface OpenedRecord {
  readonly records: RecordStore;
  readonly kindRecord: KindRecord;
  /** The ConfigMap of a channel, to which Events about it belong. */
  readonly channelObject: HeadObjects;
}

/** Opens the record of a namespace; nothing is asked for before it is used. */
export function openRecord(
  { namespace }: Required<RecordSettings>,
  { cluster, logger }: { readonly cluster: Cluster; readonly logger: Logger },
): OpenedRecord {
  const clock = systemClock;
  const place = createRecordPlace({ cluster, namespace, clock, random: systemRandom, logger });
  return {
    records: createRecordStore({
      place,
      packer: gzipPacker,
      clock,
      yieldNow: systemYield,
      logger,
    }),
    kindRecord: createKindRecord({ place }),
    channelObject: createHeadObjects({ place, packer: gzipPacker, clock }),
  };
}
