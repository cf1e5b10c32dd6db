// SPDX-License-Identifier: Apache-2.0

import { dirname, resolve } from "node:path";
import { readGitLocation } from "../adapters/git/mod.ts";
import type { ChannelSettings, GateMode, TriggerSelector } from "../controller/mod.ts";
import { readDocuments, renderDiagnostic, type SourceDocument } from "../language/mod.ts";
import { channelFaults } from "./channel_faults.ts";
import { UsageError } from "./command_io.ts";
import type { Configuration, ConfiguredSource } from "./configuration.ts";
import { createPartReader, type Part, type PartReader } from "./configuration_reader.ts";
import { parseDuration } from "./duration.ts";
import { decodeCanary } from "./read_canary.ts";
import { decodeSourceGit, GIT_KEYS } from "./read_source_git.ts";
import { repositoryPath } from "./repository_path.ts";

/**
 * Reads a configuration file (`docs/configuration.md`).
 *
 * @param path Where it is; local repositories that it names are relative to its directory
 * @throws {UsageError} If it cannot be read; names every fault with its line
 */
export function readConfiguration(path: string): Configuration {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "there is no such file" : "it is no text";
    throw new UsageError(`Cannot read the configuration "${path}": ${why}`);
  }
  return parseConfiguration(text, path);
}

/** Reads the text of a configuration file. */
export function parseConfiguration(text: string, path: string): Configuration {
  const document = onlyDocument(text, path);
  const reader = createPartReader(document);
  const configuration = document.root && decode({ node: document.root, name: "" }, reader, path);
  const faults = [...reader.faults].sort((a, b) => a.line - b.line || a.column - b.column);
  if (configuration !== undefined && faults.length === 0) return configuration;
  const lines = faults.map(({ line, column, message }) => `${path}:${line}:${column} ${message}`);
  throw new UsageError(`Cannot use the configuration:\n${lines.join("\n")}`);
}

function onlyDocument(text: string, path: string): SourceDocument {
  const documents = readDocuments({ path, text }, { withForeign: true });
  // What other YAML readers make of a plain word, such as the gate's "off", does not matter here.
  const faults = documents.flatMap(({ diagnostics }) => diagnostics)
    .filter(({ severity }) => severity === "error");
  if (faults.length > 0) {
    const frames = faults.map((fault) => renderDiagnostic(fault)).join("\n\n");
    throw new UsageError(`Cannot read the configuration:\n${frames}`);
  }
  const [document] = documents;
  if (document !== undefined && documents.length === 1) return document;
  throw new UsageError(
    `Cannot use the configuration "${path}": expected one document, found ${documents.length}`,
  );
}

const GATES: readonly GateMode[] = ["workflow", "commit", "off"];

function decode(root: Part, reader: PartReader, path: string): Configuration | undefined {
  const members = reader.map(root, ["sources", "channels", "default", "gate"]);
  const [sources, channels, fallback, gate] = ["sources", "channels", "default", "gate"]
    .map((key) => members.get(key));
  for (const [key, part] of [["sources", sources], ["channels", channels]] as const) {
    if (part === undefined) reader.fault(root, `Cannot do without "${key}": it is required`);
  }
  if (sources === undefined || channels === undefined) return undefined;
  const decodedSources = reader.list(sources).flatMap((part) =>
    decodeSource(part, reader, path) ?? []
  );
  const decoded = reader.list(channels).flatMap((part) => {
    const channel = decodeChannel(part, reader, decodedSources);
    return channel === undefined ? [] : [{ channel, part }];
  });
  if (decoded.length === 0) reader.fault(channels, 'Cannot do without a channel in "channels"');
  const chosen = fallback === undefined ? decoded[0]?.channel.name : reader.text(fallback);
  channelFaults(decoded, { sources: decodedSources, fallback, chosen }, reader);
  return {
    sources: decodedSources,
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

function required(
  part: Part,
  members: ReadonlyMap<string, Part>,
  key: string,
  reader: PartReader,
): Part | undefined {
  const found = members.get(key);
  if (found === undefined) reader.fault(part, `Cannot use "${part.name}": "${key}" is required`);
  return found;
}

function decodeSource(
  part: Part,
  reader: PartReader,
  path: string,
): ConfiguredSource | undefined {
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
  if (ownName === undefined || ownUrl === undefined) return undefined;
  return {
    name: ownName,
    url: ownUrl,
    path: ownPath ?? "",
    intervalMs: intervalMs ?? 30_000,
    ...(Object.keys(git).length === 0 ? {} : { git }),
  };
}

function isEmpty({ node }: Part): boolean {
  return node.type === "scalar" && node.value === "";
}

/** A local repository is meant relative to the file that names it. */
function locationIn(directory: string, text: string): string {
  const place = readGitLocation(text);
  return place.type === "local" ? resolve(directory, place.path) : text;
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
  sources: readonly ConfiguredSource[],
): ChannelSettings | undefined {
  const members = reader.map(part, CHANNEL_KEYS);
  const text = (key: string) => {
    const member = members.get(key);
    return member && reader.text(member);
  };
  const name = required(part, members, "name", reader);
  const followed = decodeFollowed(part, members, reader);
  // With one source there is nothing to choose from.
  const only = sources.length === 1 ? sources[0]?.name : undefined;
  const source = members.has("source") || only === undefined ? text("source") : only;
  if (source === undefined && !members.has("source")) required(part, members, "source", reader);
  const [priority, allow, triggers] = ["priority", "allow", "triggers"].map((key) =>
    members.get(key)
  );
  const ownName = name && reader.text(name);
  const tried = members.get("canary");
  const canary = tried && decodeCanary(tried, reader, decodeSelector);
  const [namespace, over] = [text("namespace"), text("over")];
  const made = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(over === undefined ? {} : { over }),
    ...(priority === undefined ? {} : { priority: textsOf(priority, reader) }),
    ...(allow === undefined ? {} : { allow: { namespaces: decodeAllow(allow, reader) } }),
    ...(triggers === undefined ? {} : { triggers: decodeSelector(triggers, reader) }),
    ...(canary === undefined ? {} : { canary }),
  };
  if (ownName === undefined || followed === undefined) return undefined;
  return { name: ownName, source: source ?? "", ...followed, ...made };
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
  if (branch === undefined || key === "branch") return branch === undefined ? branch : { branch };
  if (key === "tag") return { branch, ref: `refs/tags/${branch}` };
  if (/^[0-9a-f]{40}$/.test(branch)) return { branch };
  reader.fault(member, `Cannot use "${branch}" for a commit: expected its 40 hex digits`);
  return undefined;
}

function textsOf(part: Part, reader: PartReader): readonly string[] {
  return reader.list(part).flatMap((item) => reader.text(item) ?? []);
}

function decodeAllow(part: Part, reader: PartReader): readonly string[] {
  const namespaces = required(part, reader.map(part, ["namespaces"]), "namespaces", reader);
  return namespaces === undefined ? [] : textsOf(namespaces, reader);
}

function decodeSelector(part: Part, reader: PartReader): TriggerSelector {
  const members = reader.map(part, ["namespaces", "matchLabels"]);
  const [namespaces, labels] = [members.get("namespaces"), members.get("matchLabels")];
  if (members.size === 0) {
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
