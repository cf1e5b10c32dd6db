// SPDX-License-Identifier: Apache-2.0

import {
  type ChannelSettings,
  CLUSTER_BRANCH,
  type GateMode,
  isPattern,
  type TriggerSelector,
} from "../controller/mod.ts";
import {
  type Diagnostic,
  readDocuments,
  renderDiagnostic,
  type SourceDocument,
  type SourceFile,
} from "../language/mod.ts";
import { channelFaults } from "./channel_faults.ts";
import { UsageError } from "./command_io.ts";
import type { Configuration } from "./configuration.ts";
import {
  createPartReader,
  type Part,
  type PartReader,
  withoutCredentialsOfUrls,
} from "./configuration_reader.ts";
import { decodeCanary } from "./read_canary.ts";
import {
  CLUSTER_SOURCE,
  decodeSources,
  isClusterSource,
  type KnownSources,
  required,
} from "./read_sources.ts";
import { unreadableReason } from "./unreadable_reason.ts";

/**
 * Reads a configuration file (`docs/configuration.md`).
 *
 * @param path Where it is; local repositories that it names are relative to its directory
 * @throws {UsageError} If it cannot be read; names every fault with its line
 */
export function readConfiguration(path: string): Configuration {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw new UsageError(`Cannot read the configuration "${path}": ${unreadableReason(error)}`);
  }
  return parseFile({ path, bytes });
}

/** Reads the text of a configuration file. */
export function parseConfiguration(text: string, path: string): Configuration {
  return parseFile({ path, text });
}

function parseFile(file: SourceFile): Configuration {
  const { path } = file;
  const document = onlyDocument(file);
  const reader = createPartReader(document);
  const configuration = document.root && decode({ node: document.root, name: "" }, reader, path);
  const faults = [...reader.faults].sort((a, b) => a.line - b.line || a.column - b.column);
  if (configuration !== undefined && faults.length === 0) return configuration;
  const told = faults.map(({ line, column, message, frame }) =>
    `${path}:${line}:${column} ${message}\n${frame}`
  );
  throw new UsageError(`Cannot use the configuration:\n${told.join("\n")}`);
}

function onlyDocument(file: SourceFile): SourceDocument {
  const documents = readDocuments(file, { withForeign: true });
  // What other YAML readers make of a plain word, such as the gate's "off", does not matter here.
  const faults = documents.flatMap(({ diagnostics }) => diagnostics)
    .filter(({ severity }) => severity === "error");
  if (faults.length > 0) {
    const frames = faults.map((fault) => renderDiagnostic(shownFault(fault))).join("\n\n");
    throw new UsageError(`Cannot read the configuration:\n${frames}`);
  }
  const [document] = documents;
  if (document !== undefined && documents.length === 1) return document;
  const found = documents.length === 0 ? "nothing" : `${documents.length} of them`;
  throw new UsageError(
    `Cannot use the configuration "${file.path}": expected one document with "sources" and "channels", ` +
      `found ${found}`,
  );
}

/** A configuration may hold credentials: those of a definition file would be its author's affair. */
function shownFault({ excerpt, ...fault }: Diagnostic): Diagnostic {
  if (excerpt === undefined) return fault;
  return { ...fault, excerpt: { ...excerpt, text: withoutCredentialsOfUrls(excerpt.text) } };
}

const GATES: readonly GateMode[] = ["workflow", "commit", "off"];

function decode(root: Part, reader: PartReader, path: string): Configuration | undefined {
  const members = reader.map(root, ["sources", "channels", "default", "gate"]);
  if (root.node.type !== "map") return undefined;
  const [sources, channels, fallback, gate] = ["sources", "channels", "default", "gate"]
    .map((key) => members.get(key));
  const isOfCluster = channels !== undefined && usesCluster(channels);
  for (const [key, part] of [["sources", sources], ["channels", channels]] as const) {
    if (part !== undefined || (key === "sources" && isOfCluster)) continue;
    reader.fault(root, `Cannot do without "${key}": it is required`);
  }
  if (channels === undefined || (sources === undefined && !isOfCluster)) return undefined;
  const known = decodeSources(sources, reader, path);
  const decoded = reader.list(channels).flatMap((part) => {
    const channel = decodeChannel(part, reader, known);
    return channel === undefined ? [] : [{ channel, part }];
  });
  if (channels.node.type === "list" && channels.node.items.length === 0) {
    reader.fault(channels, 'Cannot do without a channel in "channels"');
  }
  const chosen = fallback === undefined ? decoded[0]?.channel.name : reader.text(fallback);
  channelFaults(decoded, { sources: known, channels, fallback, chosen }, reader);
  const clusterSource = known.cluster ?? (isOfCluster ? CLUSTER_SOURCE : undefined);
  return {
    sources: known.repositories,
    ...(clusterSource === undefined ? {} : { clusterSource }),
    channels: decoded.map(({ channel }) => channel),
    default: chosen ?? "",
    gate: gate === undefined ? "workflow" : reader.parsed(gate, gateMode) ?? "workflow",
  };
}

function gateMode(text: string): GateMode {
  const found = GATES.find((mode) => mode === text);
  if (found !== undefined) return found;
  throw new UsageError(`Cannot use "${text}" for the gate: expected ${GATES.join(", ")}`);
}

/** Whether a channel names the cluster's own definitions, which need no entry in "sources". */
function usesCluster({ node }: Part): boolean {
  const channels = node.type === "list" ? node.items : [];
  return channels.some((channel) =>
    channel.type === "map" &&
    channel.entries.some(({ key, value }) =>
      key === "source" && value.type === "scalar" && value.value === CLUSTER_SOURCE
    )
  );
}

const CHANNEL_KEYS = [
  "name",
  "source",
  "branch",
  "tag",
  "commit",
  "namespace",
  "priority",
  "over",
  "allow",
  "triggers",
  "canary",
];

function decodeChannel(
  part: Part,
  reader: PartReader,
  sources: KnownSources,
): ChannelSettings | undefined {
  const members = reader.map(part, CHANNEL_KEYS);
  if (part.node.type !== "map") return undefined;
  const text = (key: string) => {
    const member = members.get(key);
    return member && reader.text(member);
  };
  const name = required(part, members, "name", reader);
  // With one source there is nothing to choose from.
  const only = sources.names.length === 1 ? sources.names[0] : undefined;
  const given = members.has("source") || only === undefined ? text("source") : only;
  if (given === undefined && !members.has("source")) required(part, members, "source", reader);
  const isCluster = given !== undefined && isClusterSource(given, sources);
  const source = isCluster ? sources.cluster ?? CLUSTER_SOURCE : given;
  const followed = isCluster
    ? followedInCluster(members, reader)
    : decodeFollowed(part, members, reader);
  const [priority, allow, triggers] = ["priority", "allow", "triggers"].map((key) =>
    members.get(key)
  );
  const ownName = name && reader.text(name);
  const tried = members.get("canary");
  const canary = tried && decodeCanary(tried, reader, decodeSelector);
  const [namespace, over] = [text("namespace"), text("over")];
  const searched = priority && textsOf(priority, reader);
  const names = priority?.node.type === "list" ? searched : undefined;
  const made = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(over === undefined ? {} : { over }),
    ...(names === undefined ? {} : { priority: names }),
    ...(allow === undefined ? {} : { allow: { namespaces: decodeAllow(allow, reader) } }),
    ...(triggers === undefined ? {} : { triggers: decodeSelector(triggers, reader) }),
    ...(canary === undefined ? {} : { canary }),
  };
  if (ownName === undefined || source === undefined || followed === undefined) return undefined;
  return { name: ownName, source, ...followed, ...made };
}

/** The definitions of a cluster are on one branch, which nobody has to name. */
function followedInCluster(
  members: ReadonlyMap<string, Part>,
  reader: PartReader,
): Pick<ChannelSettings, "branch"> {
  for (const part of ["branch", "tag", "commit"].flatMap((key) => members.get(key) ?? [])) {
    reader.fault(
      part,
      `Cannot use "${part.name}": the definitions of the cluster have no branches`,
    );
  }
  return { branch: CLUSTER_BRANCH };
}

/** What a channel follows: exactly one of a branch, a tag and a commit. */
function decodeFollowed(
  part: Part,
  members: ReadonlyMap<string, Part>,
  reader: PartReader,
): Pick<ChannelSettings, "branch" | "ref"> | undefined {
  const given = ["branch", "tag", "commit"].filter((key) => members.has(key));
  const [key] = given;
  const member = key && members.get(key);
  if (given.length !== 1 || !member) {
    const found = given.length === 0 ? "none" : given.map((one) => `"${one}"`).join(" and ");
    reader.fault(
      part,
      `Cannot use "${part.name}": expected one of "branch", "tag" and "commit", found ${found}`,
    );
    return undefined;
  }
  const branch = reader.text(member);
  if (branch === undefined) return undefined;
  // A tag of the same name is not it, also when the branch is gone.
  if (key === "branch") {
    return isPattern({ branch }) ? { branch } : { branch, ref: fullName("refs/heads/", branch) };
  }
  if (key === "tag") return { branch, ref: fullName("refs/tags/", branch) };
  if (/^[0-9a-f]{40}$/i.test(branch)) return { branch: branch.toLowerCase() };
  reader.fault(member, `Cannot use "${branch}" for a commit: expected its 40 hex digits`);
  return undefined;
}

function fullName(prefix: string, name: string): string {
  return name.startsWith(prefix) ? name : `${prefix}${name}`;
}

function textsOf(part: Part, reader: PartReader): readonly string[] {
  return reader.list(part).flatMap((item) => reader.text(item) ?? []);
}

function decodeAllow(part: Part, reader: PartReader): readonly string[] {
  const members = reader.map(part, ["namespaces"]);
  if (part.node.type !== "map") return [];
  const namespaces = required(part, members, "namespaces", reader);
  return namespaces === undefined ? [] : textsOf(namespaces, reader);
}

function decodeSelector(part: Part, reader: PartReader): TriggerSelector {
  const members = reader.map(part, ["namespaces", "matchLabels"]);
  const [namespaces, labels] = [members.get("namespaces"), members.get("matchLabels")];
  if (part.node.type === "map" && part.node.entries.length === 0) {
    reader.fault(part, `Cannot use "${part.name}": "namespaces" or "matchLabels" is required`);
  }
  return {
    ...(namespaces === undefined ? {} : { namespaces: textsOf(namespaces, reader) }),
    ...(labels === undefined ? {} : { matchLabels: decodeLabels(labels, reader) }),
  };
}

function decodeLabels(part: Part, reader: PartReader): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...reader.map(part, [])].flatMap(([key, value]) => {
      const text = reader.text(value);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}
