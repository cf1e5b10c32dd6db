// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import type { Abortable } from "../../runtime/ports.ts";
import { addChannelOptions, channelConfiguration, definitionsCluster } from "../channel_options.ts";
import { type CliCommand, writeJson } from "../command.ts";
import { EXIT, UsageError } from "../command_io.ts";
import { selectedChannel } from "../configuration_options.ts";
import { gitSettings } from "../git_settings.ts";
import { openSources } from "../open_sources.ts";
import { diagnosticJson } from "../validate_command.ts";
import { compareChannels } from "./compare_channels.ts";
import { AS_MEANT, AS_WRITTEN, differingKeys } from "./definition_contents.ts";
import { compareTests } from "./compare_tests.ts";
import { diffRequest } from "./diff_request.ts";
import { type DiffSide, readSides } from "./diff_sides.ts";
import type { FoundDifference } from "./found_difference.ts";
import { writeDiff } from "./write_diff.ts";

/** `koreo diff`: definitions that differ between two channels or revisions. */
export const diffCommand: CliCommand = {
  define: () =>
    addChannelOptions(
      new Command("diff")
        .description("show the definitions that differ, and the tests of what changed")
        .argument(
          "<from>",
          "channel, branch, tag, commit or revision; A..B, A...B; or one channel alone",
        )
        .argument("[to]", "the other side (default: <from> against the channel below it)"),
      "define one that lies over --branch, by NAME=BRANCH",
    ),
  async run(args, options, io) {
    const selected = selectedChannel(options);
    if (selected !== undefined) {
      throw new UsageError(
        `Cannot select "${selected}" by --channel: name it as one of the two sides`,
      );
    }
    const configuration = channelConfiguration(options);
    const request = diffRequest(args, configuration);
    const git = gitSettings(options);
    using cluster = await definitionsCluster(configuration, options);
    using opened = openSources(configuration, { git, ...cluster });
    const about = { sources: opened.sources, configuration };
    const { from, to } = await readSides(request, about, io).catch(asUsageError);
    const found = await compare(from, to, io);
    if (options["output"] === "json") writeJson(io, documentOf(found));
    else writeDiff(found, io);
    return isEmpty(found) ? EXIT.fine : EXIT.findings;
  },
};

async function compare(
  from: DiffSide,
  to: DiffSide,
  { signal }: Abortable,
): Promise<FoundDifference> {
  const contents = from.source === to.source ? AS_WRITTEN : AS_MEANT;
  const differing = differingKeys(from.loaded, to.loaded, contents);
  return {
    from,
    to,
    ...compareChannels(from.loaded, to.loaded, { contents, differing }),
    tests: await compareTests(from.loaded.program, to.loaded.program, { differing, signal }),
  };
}

/** A channel that cannot be put together as it was asked for. */
function asUsageError(error: unknown): never {
  if (error instanceof TypeError) throw new UsageError(error.message);
  throw error;
}

function isEmpty({ definitions, workflows, diagnostics, tests }: FoundDifference): boolean {
  return [definitions, workflows, diagnostics, tests].every(({ length }) => length === 0);
}

function documentOf({ from, to, diagnostics, ...found }: FoundDifference): object {
  return {
    from: sideJson(from),
    to: sideJson(to),
    ...found,
    diagnostics: diagnostics.map(diagnosticJson),
  };
}

function sideJson({ name, loaded: { layers } }: DiffSide): object {
  const revisions = Object.fromEntries(layers.map(({ branch, commit }) => [branch, commit]));
  return { name, revisions };
}
