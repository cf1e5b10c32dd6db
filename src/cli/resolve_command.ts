// SPDX-License-Identifier: Apache-2.0

import { Command, type OptionValues } from "commander";
import { systemYield } from "../adapters/system.ts";
import { type DefinitionId, firstNamed, nearestName } from "../language/mod.ts";
import {
  addChannelOptions,
  channelConfiguration,
  loadedChannel,
  withChannels,
} from "./channel_options.ts";
import { type CliCommand, writeJson } from "./command.ts";
import { type CommandIo, EXIT } from "./command_io.ts";
import { gateOptions, selectedChannel } from "./configuration_options.ts";
import { asked, controllerOption, controllerUrl } from "./controller_choice.ts";
import { resolvedAtHeads, resolvedInForce } from "./resolve_definitions.ts";
import {
  readResolveDocument,
  RESOLVE_PATH,
  type Resolved,
  type ResolvedDefinition,
} from "./resolve_document.ts";
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
      [...gateOptions("with --in-force: what must have passed"), controllerOption()],
    ),
  async run([name], options, io) {
    const all = await resolved(options, io);
    const definitions = all.definitions.filter((definition) => isNamed(definition, name));
    const found = { ...all, definitions };
    if (options["output"] === "json") writeJson(io, found);
    else if (definitions.length > 0) writeText(found, io);
    const where = isInForceAsked(options) ? " in force" : "";
    if (definitions.length === 0) io.stderr(`${nothingText(all, name, where)}\n`);
    return name !== undefined && definitions.length === 0 ? EXIT.findings : EXIT.fine;
  },
};

/** Everything of the channel: as a controller has it in force, or as the repository says. */
async function resolved(options: OptionValues, io: CommandIo): Promise<Resolved> {
  const controller = controllerUrl(options);
  if (controller === undefined) return await resolvedHere(options, io);
  const channel = selectedChannel(options);
  const path = channel === undefined
    ? RESOLVE_PATH
    : `${RESOLVE_PATH}?${new URLSearchParams({ channel })}`;
  return await asked(controller, { path, read: readResolveDocument, about: "definitions" }, io);
}

function resolvedHere(options: OptionValues, io: CommandIo): Promise<Resolved> {
  const configured = channelConfiguration(options);
  const isInForce = isInForceAsked(options);
  // At the heads nothing needs to be tested.
  const configuration = isInForce ? configured : { ...configured, gate: "off" as const };
  const name = selectedChannel(options) ?? configuration.default;
  return withChannels(configuration, { ...io, options }, async (registry, failure) => {
    const { loaded, state } = loadedChannel(registry, name, failure);
    if (!isInForce) return resolvedAtHeads(name, loaded);
    return await resolvedInForce({ name, newest: loaded.revision, current: state }, systemYield);
  });
}

function isNamed({ kind, name }: DefinitionId, wanted: string | undefined): boolean {
  return wanted === undefined || wanted === name || wanted === `${kind}/${name}`;
}

/** What no Workflow in force uses may be in the channel all the same. */
function isInForceAsked({ inForce, controller }: OptionValues): boolean {
  return inForce === true || controller !== undefined;
}

/** Says what there is not, and asks for the definition that was probably meant. */
function nothingText(
  { channel, definitions }: Resolved,
  name: string | undefined,
  where: string,
): string {
  if (name === undefined) return `Channel "${channel}" has no definitions${where}`;
  const near = nearName(name, definitions);
  const help = near === undefined ? "" : `; did you mean "${near}"?`;
  return `Channel "${channel}" has no definition "${name}"${where}${help}`;
}

function nearName(wanted: string, all: readonly DefinitionId[]): string | undefined {
  const isWhole = wanted.includes("/");
  const ofKind = all.filter(({ kind }) => wanted.startsWith(`${kind}/`));
  const known = ofKind.length === 0 ? all : ofKind;
  return nearestName(
    wanted,
    known.map(({ kind, name }) => isWhole ? `${kind}/${name}` : name),
  );
}

function writeText({ definitions }: Resolved, io: CommandIo): void {
  const isInForce = definitions.some(({ workflows }) => workflows !== undefined);
  io.stdout(tableText([
    ["DEFINITION", "NAMESPACE", "BRANCH", "COMMIT", "FILE", ...isInForce ? ["WORKFLOWS"] : [], ""],
    ...definitions.map((one) => [
      `${one.kind}/${one.name}`,
      one.namespace,
      one.branch,
      one.commit.slice(0, 10),
      `${one.file}:${one.line}`,
      ...isInForce ? [workflowsText(one)] : [],
      markOf(one),
    ]),
  ]));
}

/** So many Workflows are named. */
const MAX_NAMED = 3;

function workflowsText({ workflows = [] }: ResolvedDefinition): string {
  return firstNamed(workflows, MAX_NAMED);
}

function markOf({ wins, searched, canary }: ResolvedDefinition): string {
  const place = searched === false ? ["not in the priority list"] : wins ? [] : ["hidden"];
  return [...place, ...canary === true ? ["canary"] : []].join(", ");
}
