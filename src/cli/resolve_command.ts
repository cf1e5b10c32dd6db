// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import { type ChannelState, layerOf, type LoadedRevision } from "../controller/mod.ts";
import { type DefinitionId, definitionKey, nearestName, type Program } from "../language/mod.ts";
import {
  addChannelOptions,
  channelConfiguration,
  loadedChannel,
  withChannels,
} from "./channel_options.ts";
import { type CliCommand, writeJson } from "./command.ts";
import { type CommandIo, EXIT } from "./command_io.ts";
import { selectedChannel } from "./configuration_options.ts";
import { tableText } from "./table_text.ts";

/** `koreo resolve`: which namespace, branch, commit and file a name comes from. */
export const resolveCommand: CliCommand = {
  define: () =>
    addChannelOptions(
      new Command("resolve")
        .description("say where the definitions of a channel come from, and what they hide")
        .argument("[name]", "KIND/NAME or NAME (default: every definition)")
        .option("--in-force", "what the Workflows in force use, and not the heads of the branches"),
      "the channel to look at; with =BRANCH one that lies over --branch",
    ),
  async run([name], options, io) {
    const configured = channelConfiguration(options);
    const isInForce = options["inForce"] === true;
    // At the heads nothing needs to be tested.
    const configuration = isInForce ? configured : { ...configured, gate: "off" as const };
    const wanted = selectedChannel(options) ?? configuration.default;
    const { resolved, help } = await withChannels(
      configuration,
      { ...io, options },
      (registry, failure) => {
        const { loaded, state } = loadedChannel(registry, wanted, failure);
        const all = isInForce ? inForce(state) : definitionsOf(loaded.program);
        const definitions = all.filter((definition) => isNamed(definition, name));
        const help = definitions.length > 0 || name === undefined ? "" : nearText(name, all);
        return { resolved: { channel: wanted, revisions: revisionsOf(loaded), definitions }, help };
      },
    );
    if (options["output"] === "json") writeJson(io, resolved);
    else writeText(resolved, { name, help }, io);
    return name !== undefined && resolved.definitions.length === 0 ? EXIT.findings : EXIT.fine;
  },
};

/** A definition as CONTRACTS.md states it. */
interface ResolvedDefinition extends DefinitionId {
  readonly branch: string;
  readonly commit: string;
  readonly file: string;
  readonly line: number;
  readonly wins: boolean;
}

interface Resolved {
  readonly channel: string;
  readonly revisions: Readonly<Record<string, string>>;
  readonly definitions: readonly ResolvedDefinition[];
}

function revisionsOf({ layers }: Pick<LoadedRevision, "layers">): Readonly<Record<string, string>> {
  return Object.fromEntries(layers.map(({ branch, commit }) => [branch, commit]));
}

/** The definitions of a Program: by kind, name, then priority. */
function definitionsOf(program: Program): readonly ResolvedDefinition[] {
  const rank = new Map(program.namespaces.map((namespace, index) => [namespace, index]));
  const rankOf = ({ namespace }: DefinitionId) => rank.get(namespace) ?? rank.size;
  return program.definitions.map((definition): ResolvedDefinition => {
    const { kind, namespace, name } = definition.id;
    const { branch = "", commit = "" } = layerOf(program, definition.id) ?? {};
    const { file, line } = definition.source;
    const wins = program.winner(kind, name)?.id.namespace === namespace;
    return { kind, namespace, name, branch, commit, file, line, wins };
  }).sort((a, b) =>
    compareTexts(a.kind, b.kind) || compareTexts(a.name, b.name) || rankOf(a) - rankOf(b) ||
    compareTexts(a.namespace, b.namespace)
  );
}

/** What the Workflows in force use; where they run from several revisions, of each. */
function inForce(state: ChannelState): readonly ResolvedDefinition[] {
  const found = new Map<string, ResolvedDefinition>();
  for (const { name, inForce } of state.workflows()) {
    if (inForce === undefined) continue;
    const reached = inForce.program.reach("Workflow", name);
    for (const definition of definitionsOf(inForce.program)) {
      const key = definitionKey(definition);
      if (reached.has(key)) found.set(`${key} ${definition.commit}`, definition);
    }
  }
  return [...found.values()].sort((a, b) =>
    compareTexts(a.kind, b.kind) || compareTexts(a.name, b.name) ||
    compareTexts(a.namespace, b.namespace) || compareTexts(a.commit, b.commit)
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isNamed({ kind, name }: DefinitionId, wanted: string | undefined): boolean {
  return wanted === undefined || wanted === name || wanted === `${kind}/${name}`;
}

/** Asks for the definition that was probably meant. */
function nearText(wanted: string, all: readonly DefinitionId[]): string {
  const isWhole = wanted.includes("/");
  const ofKind = all.filter(({ kind }) => wanted.startsWith(`${kind}/`));
  const known = ofKind.length === 0 ? all : ofKind;
  const near = nearestName(
    wanted,
    known.map(({ kind, name }) => isWhole ? `${kind}/${name}` : name),
  );
  return near === undefined ? "" : `; did you mean "${near}"?`;
}

function writeText(
  { channel, definitions }: Resolved,
  { name, help }: { readonly name: string | undefined; readonly help: string },
  io: CommandIo,
): void {
  if (definitions.length === 0) {
    const what = name === undefined ? "no definitions" : `no definition "${name}"`;
    io.stderr(`Channel "${channel}" has ${what}${help}\n`);
    return;
  }
  io.stdout(tableText([
    ["DEFINITION", "NAMESPACE", "BRANCH", "COMMIT", "FILE", ""],
    ...definitions.map((one) => [
      `${one.kind}/${one.name}`,
      one.namespace,
      one.branch,
      one.commit.slice(0, 10),
      `${one.file}:${one.line}`,
      one.wins ? "" : "hidden",
    ]),
  ]));
}
