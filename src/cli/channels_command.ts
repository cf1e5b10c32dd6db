// SPDX-License-Identifier: Apache-2.0

import { Command, type OptionValues } from "commander";
import type { CanaryStatus, HeldBack, Refusal } from "../controller/mod.ts";
import { firstNamed } from "../language/mod.ts";
import { addChannelOptions, channelConfiguration, withChannels } from "./channel_options.ts";
import {
  CHANNELS_PATH,
  channelsDocument,
  readChannelsDocument,
  type ShownChannel,
  type ShownChannels,
} from "./channels_document.ts";
import { rfc3339 } from "../runtime/mod.ts";
import { type CliCommand, writeJson } from "./command.ts";
import { countText } from "./count_text.ts";
import { type CommandIo, EXIT, UsageError } from "./command_io.ts";
import { asked, controllerOption, controllerUrl, type Question } from "./controller_choice.ts";
import { gateOptions, selectedChannel } from "./configuration_options.ts";
import { unknownChannelText } from "./unknown_channel.ts";

/** `koreo channels`: what is where. */
export const channelsCommand: CliCommand = {
  define: () =>
    addChannelOptions(
      new Command("channels")
        .description("show the channels: head, what is in force, what is held back and why"),
      "show this one alone; with =BRANCH one that lies over --branch",
      [...gateOptions(), controllerOption()],
    ),
  async run(_args, options, io) {
    const wanted = selectedChannel(options);
    const all = await channelsOf(options, io);
    const shown = wanted === undefined ? all : onlyChannel(wanted, all);
    if (options["output"] === "json") writeJson(io, shown);
    else writeText(shown, io);
    return exitCode(shown.channels);
  },
};

function onlyChannel(wanted: string, { channels: all }: ShownChannels): ShownChannels {
  const channels = all.filter(({ name }) => name === wanted);
  if (channels.length === 0) throw new UsageError(unknownChannelText(wanted, all));
  return { channels };
}

/** Channels as the document has them: of a controller, or fetched and gated here. */
async function channelsOf(
  options: OptionValues,
  io: CommandIo,
): Promise<ShownChannels> {
  const controller = controllerUrl(options);
  if (controller !== undefined) return await asked(controller, CHANNELS, io);
  return await withChannels(
    channelConfiguration(options),
    { ...io, options },
    (registry, failure) => {
      const found = registry.status();
      const isTold = found.channels.some(({ error }) => error !== undefined);
      // A pattern of branches that cannot be read makes no channel to tell it of.
      if (failure !== undefined && !isTold) throw failure;
      return channelsDocument(found);
    },
  );
}

const CHANNELS: Question<ShownChannels> = {
  path: CHANNELS_PATH,
  read: readChannelsDocument,
  about: "channels",
};

function exitCode(channels: readonly ShownChannel[]): number {
  if (channels.some(({ error }) => error !== undefined)) return EXIT.world;
  const isHeldBack = channels.some(({ workflows }) =>
    workflows.some(({ heldBack }) => heldBack !== undefined)
  );
  return isHeldBack ? EXIT.findings : EXIT.fine;
}

function writeText({ channels, leftOut = [] }: ShownChannels, io: CommandIo): void {
  for (const channel of channels) {
    io.stdout(`${headLine(channel)}\n`);
    for (const { namespace, name, revision, heldBack } of channel.workflows) {
      io.stdout(`  ${namespace}/${name}  ${revision ?? "nothing in force"}\n`);
      if (heldBack !== undefined) io.stdout(heldBackText(heldBack));
    }
    const { canary, refused = [] } = channel;
    if (canary !== undefined) io.stdout(canaryText(canary));
    for (const refusal of refused) io.stdout(refusalText(refusal));
  }
  for (const { pattern, branch, reason, help } of leftOut) {
    io.stdout(`no channel of "${pattern}" for branch "${branch}": ${reason}\n  help: ${help}\n`);
  }
}

function headLine(channel: ShownChannel): string {
  const { name, branch, over, head, error, definitions } = channel;
  const place = over === undefined ? branch : `${branch} over ${over}`;
  if (error !== undefined) return `${name} (${place}): ${error}`;
  const count = countText(definitions, "definition");
  return `${name} (${place}) at ${head ?? "no commit"}: ${count}${faultsText(channel)}`;
}

/** Also faults of what no Workflow reaches: these hold nothing back, and would not be noticed. */
function faultsText({ diagnostics }: ShownChannel): string {
  const faults =
    diagnostics.filter(({ severity }) => severity === "error" || severity === "unresolved").length;
  return faults === 0 ? "" : `, ${countText(faults, "fault")} (koreo validate shows them)`;
}

function heldBackText({ revision, author, subject, reason, ...where }: HeldBack): string {
  const { file, line, test, case: label } = where;
  const inTest = test === undefined ? "" : ` (${label === undefined ? test : `${test}, ${label}`})`;
  const place = file === undefined ? "" : `\n      at ${file}:${line ?? 1}`;
  const commit = `"${subject}" by ${author}`;
  return `    held back: ${revision}\n      ${commit}\n      ${reason}${inTest}${place}\n`;
}

function canaryText({ revision, share, startedAt, soakEndsAt, progress }: CanaryStatus): string {
  const who = share.type === "percent" ? `${share.percent} % of the triggers` : "a selection";
  const times = `since ${rfc3339(startedAt)}, soaks until ${rfc3339(soakEndsAt)}`;
  const head = `  tries: ${revision}\n    on ${who}, ${times}\n`;
  if (progress === undefined) return head;
  const { triggers, ran, ready, failed, reason } = progress;
  const waits = reason === undefined ? "" : `    waits: ${reason}\n`;
  return `${head}    ${ran} of ${triggers} triggers ran, ${ready} ready, ${failed} failed\n${waits}`;
}

/** So many Workflows of a refusal are named; the document has all of them. */
const MAX_NAMES = 20;

function refusalText({ revision, reason, at, workflows = [] }: Refusal): string {
  const names = workflows.map(({ name, digest }) => digest === null ? `${name} (gone)` : name);
  const what = names.length === 0 ? "" : `    Workflows: ${firstNamed(names, MAX_NAMES)}\n`;
  return `  taken back: ${revision}\n    at ${rfc3339(at)}: ${reason}\n${what}`;
}
