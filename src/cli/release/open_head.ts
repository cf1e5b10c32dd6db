// SPDX-License-Identifier: Apache-2.0

import { gzipPacker } from "../../adapters/gzip_packer.ts";
import { RECORD_CHANNEL, RECORD_LABEL, recordHeadName } from "../../controller/mod.ts";
import { isJsonObject, memberAt } from "../../language/mod.ts";
import {
  type Abortable,
  type Cluster,
  ClusterError,
  type ObjectPath,
} from "../../runtime/ports.ts";
import { UsageError } from "../command_io.ts";

/** The head of the record of a channel, and what it says to people. */
export interface ReadHead {
  readonly path: ObjectPath;
  /** What is in force. */
  readonly revision: string | undefined;
  /** What is being tried. */
  readonly tried: string | undefined;
  /** What was in force before. */
  readonly previous: string | undefined;
  /** What was taken back. */
  readonly refused: readonly string[];
}

const CONFIG_MAPS = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" } as const;

/**
 * Finds the head of the record of a channel.
 *
 * @throws {UsageError} If there is a record, and the channel is not in it
 * @throws {ClusterError} If there is no record, or it may not be read
 */
export async function openHead(
  channel: string,
  { cluster, namespace }: {
    readonly cluster: Pick<Cluster, "get" | "list">;
    readonly namespace: string;
  },
  options: Abortable,
): Promise<ReadHead> {
  const name = await recordHeadName(channel, gzipPacker);
  const path = { ...CONFIG_MAPS, namespace, name };
  const head = await cluster.get(path, options);
  if (head === undefined) throw await notFound(channel, { cluster, namespace }, options);
  const text = (key: string) => {
    const value = isJsonObject(head.data) ? head.data[key] : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return {
    path,
    revision: text("revision"),
    tried: text("canary"),
    previous: text("previous"),
    refused: (text("refused") ?? "").split("\n").flatMap(refusedRevision),
  };
}

/** A line is "<revision>: <reason>"; no branch has a colon in its name. */
function refusedRevision(line: string): readonly string[] {
  const revision = line.slice(0, line.indexOf(": "));
  return revision.includes("@sha1:") ? [revision] : [];
}

const COMMIT = /^[0-9a-f]{7,40}$/i;

/** Those of some revisions that a commit stands for; `undefined` when the text is no commit. */
export function revisionsOf(
  text: string,
  among: readonly (string | undefined)[],
): readonly string[] | undefined {
  if (!COMMIT.test(text)) return undefined;
  return among.filter((one) => one !== undefined).filter((one) =>
    one.includes(`@sha1:${text.toLowerCase()}`)
  );
}

async function notFound(
  channel: string,
  { cluster, namespace }: { readonly cluster: Pick<Cluster, "list">; readonly namespace: string },
  options: Abortable,
): Promise<Error> {
  const selection = { namespace, labelSelector: `${RECORD_LABEL}=channel`, metadataOnly: true };
  const { items } = await cluster.list(CONFIG_MAPS, selection, options);
  const names = items.flatMap(({ metadata }) => {
    const name = memberAt(metadata, "annotations", RECORD_CHANNEL);
    return typeof name === "string" ? [`"${name}"`] : [];
  });
  if (names.length > 0) {
    return new UsageError(
      `Cannot find channel "${channel}": the record has ${names.sort().join(", ")}`,
    );
  }
  return new ClusterError(
    "refused",
    `Cannot find channel "${channel}": no controller keeps a record in namespace ` +
      `"${namespace}"; name another one with --record-namespace`,
  );
}
