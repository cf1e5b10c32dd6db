// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import type { ChannelStatus, HeldBack } from "../controller/mod.ts";
import { addChannelOptions, channelConfiguration, withChannels } from "./channel_options.ts";
import { type CliCommand, writeJson } from "./command.ts";
import { type CommandIo, EXIT, UsageError } from "./command_io.ts";
import { selectedChannel } from "./configuration_options.ts";
import { diagnosticJson } from "./validate_command.ts";

/** `koreo channels`: what is where. */
export const channelsCommand: CliCommand = {
  define: () =>
    addChannelOptions(
      new Command("channels")
        .description("show the channels: head, what is in force, what is held back and why"),
      "show this one alone; with =BRANCH one that lies over --branch",
    ),
  async run(_args, options, io) {
    const configuration = channelConfiguration(options);
    const wanted = selectedChannel(options);
    const channels = await withChannels(configuration, { ...io, options }, (registry, failure) => {
      const found = registry.status().channels;
      // A source that cannot be read at all says nothing of its channels.
      if (failure !== undefined && found.every(({ head, error }) => !head && !error)) throw failure;
      return found.filter(({ name }) => wanted === undefined || name === wanted);
    });
    if (wanted !== undefined && channels.length === 0) {
      throw new UsageError(`Cannot find channel "${wanted}"`);
    }
    if (options["output"] === "json") writeJson(io, { channels: channels.map(documentOf) });
    else writeText(channels, io);
    return exitCode(channels);
  },
};

function exitCode(channels: readonly ChannelStatus[]): number {
  if (channels.some(({ error }) => error !== undefined)) return EXIT.world;
  const isHeldBack = channels.some(({ workflows }) =>
    workflows.some(({ heldBack }) => heldBack !== undefined)
  );
  return isHeldBack ? EXIT.findings : EXIT.fine;
}

function documentOf({ diagnostics, ...channel }: ChannelStatus): object {
  return { ...channel, diagnostics: diagnostics.map(diagnosticJson) };
}

function writeText(channels: readonly ChannelStatus[], io: CommandIo): void {
  for (const channel of channels) {
    io.stdout(`${headLine(channel)}\n`);
    for (const { namespace, name, revision, heldBack } of channel.workflows) {
      io.stdout(`  ${namespace}/${name}  ${revision ?? "nothing in force"}\n`);
      if (heldBack !== undefined) io.stdout(heldBackText(heldBack));
    }
  }
}

function headLine({ name, branch, over, head, error, definitions }: ChannelStatus): string {
  const place = over === undefined ? branch : `${branch} over ${over}`;
  if (error !== undefined) return `${name} (${place}): ${error}`;
  const count = `${definitions} definition${definitions === 1 ? "" : "s"}`;
  return `${name} (${place}) at ${head ?? "no commit"}: ${count}`;
}

function heldBackText({ revision, author, subject, reason, ...where }: HeldBack): string {
  const { file, line, test, case: label } = where;
  const inTest = test === undefined ? "" : ` (${label === undefined ? test : `${test}, ${label}`})`;
  const place = file === undefined ? "" : `\n      at ${file}:${line ?? 1}`;
  const commit = `"${subject}" by ${author}`;
  return `    held back: ${revision}\n      ${commit}\n      ${reason}${inTest}${place}\n`;
}
