// SPDX-License-Identifier: Apache-2.0

import { dirname, resolve } from "node:path";
import { readGitLocation } from "../adapters/git/mod.ts";
import type { ConfiguredSource } from "./configuration.ts";
import type { Part, PartReader } from "./configuration_reader.ts";
import { parseDuration } from "./duration.ts";
import { decodeSourceGit, GIT_KEYS } from "./read_source_git.ts";
import { repositoryPath } from "./repository_path.ts";

/** What channels may call the cluster's own definitions without an entry in "sources". */
export const CLUSTER_SOURCE = "cluster";

/** What channels can name as their source. */
export interface KnownSources {
  readonly repositories: readonly ConfiguredSource[];
  /** What the definitions of the cluster are called; absent where no entry says it. */
  readonly cluster?: string;
  /** What channels can write for "source", apart from the reserved name: broken ones too. */
  readonly names: readonly string[];
}

/** Reads "sources"; absent, there are none. */
export function decodeSources(
  part: Part | undefined,
  reader: PartReader,
  path: string,
): KnownSources {
  const repositories: ConfiguredSource[] = [];
  const names: string[] = [];
  let cluster: string | undefined;
  for (const item of part === undefined ? [] : reader.list(part)) {
    const name = nameOf(item);
    if (name !== undefined && names.includes(name.text)) {
      reader.fault(name.part, `Cannot use source "${name.text}": there are two of this name`);
    }
    if (name !== undefined) names.push(name.text);
    if (isCluster(item)) {
      const name = decodeCluster(item, reader);
      if (cluster !== undefined) {
        reader.fault(item, `Cannot use "${item.name}": there is one cluster, "${cluster}" is it`);
      }
      cluster ??= name;
    } else {
      repositories.push(...decodeRepository(item, reader, path));
    }
  }
  return { repositories, names, ...(cluster === undefined ? {} : { cluster }) };
}

/** What an entry is called, whatever else is wrong with it. */
export function nameOf(item: Part): { readonly text: string; readonly part: Part } | undefined {
  const part = memberOf(item, "name");
  const value = part?.node.type === "scalar" ? part.node.value : undefined;
  return part === undefined || typeof value !== "string" ? undefined : { text: value, part };
}

/** What an entry says under a key, for faults that are about it. */
export function memberOf({ node, name }: Part, key: string): Part | undefined {
  const entry = node.type === "map" ? node.entries.find((one) => one.key === key) : undefined;
  return entry && { node: entry.value, name: `${name}.${key}` };
}

/** Whether a name stands for the definitions of the cluster. */
export function isClusterSource(name: string, { cluster }: KnownSources): boolean {
  return name === CLUSTER_SOURCE || name === cluster;
}

function isCluster({ node }: Part): boolean {
  return node.type === "map" && node.entries.some(({ key }) => key === "cluster");
}

function decodeCluster(part: Part, reader: PartReader): string | undefined {
  const members = reader.map(part, ["name", "cluster"]);
  const [name, says] = [required(part, members, "name", reader), members.get("cluster")];
  if (says !== undefined && !(says.node.type === "scalar" && says.node.value === true)) {
    reader.fault(says, `Cannot read "${says.name}": expected true; a repository has "url" instead`);
  }
  return name && reader.text(name);
}

function decodeRepository(
  part: Part,
  reader: PartReader,
  path: string,
): readonly ConfiguredSource[] {
  const members = reader.map(part, ["name", "url", "path", "interval", ...GIT_KEYS]);
  const name = required(part, members, "name", reader);
  const url = required(part, members, "url", reader);
  const [directory, interval] = [members.get("path"), members.get("interval")];
  const decoded = {
    name: name && reader.text(name),
    url: url && reader.parsed(url, (text) => locationIn(dirname(path), text)),
    path: directory === undefined || isEmpty(directory)
      ? ""
      : reader.parsed(directory, (text) => repositoryPath(text, `"${directory.name}"`)),
    intervalMs: interval === undefined ? 30_000 : reader.parsed(interval, parseDuration),
  };
  const git = decodeSourceGit(members, reader, path);
  const { name: ownName, url: ownUrl, path: ownPath, intervalMs } = decoded;
  if (name !== undefined && ownName === CLUSTER_SOURCE) {
    reader.fault(
      name,
      `Cannot call a repository "${CLUSTER_SOURCE}": the name is the cluster's own`,
    );
  }
  if (ownName === undefined || ownUrl === undefined) return [];
  return [{
    name: ownName,
    url: ownUrl,
    path: ownPath ?? "",
    intervalMs: intervalMs ?? 30_000,
    ...(Object.keys(git).length === 0 ? {} : { git }),
  }];
}

function isEmpty({ node }: Part): boolean {
  return node.type === "scalar" && node.value === "";
}

/** A local repository is meant relative to the file that names it. */
function locationIn(directory: string, text: string): string {
  const place = readGitLocation(text);
  return place.type === "local" ? resolve(directory, place.path) : text;
}

/** A member that must be there; tells when it is not. */
export function required(
  part: Part,
  members: ReadonlyMap<string, Part>,
  key: string,
  reader: PartReader,
): Part | undefined {
  const found = members.get(key);
  if (found === undefined) reader.fault(part, `Cannot use "${part.name}": "${key}" is required`);
  return found;
}
