// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../command_io.ts";
import { type ReadHead, revisionsOf } from "./open_head.ts";
import { addReleaseOptions, askAndTell } from "./release_options.ts";

/** `koreo rollback`: takes back what is tried, else what is in force. */
export const rollbackCommand: CliCommand = {
  define: () =>
    addReleaseOptions(
      new Command("rollback")
        .description("take back what a channel tries, else what it has in force")
        .argument("<channel>", "the channel")
        .option("--to <revision>", "the revision to go back to, or its commit (default: one step)"),
    ),
  run: ([channel = ""], options, io) =>
    askAndTell(
      {
        channel,
        type: "rollback",
        revision: (head) => targetOf(head, options["to"]),
        // One step is counted from what the record shows: what is asked late goes no step further.
        ...(options["to"] === undefined ? { takingBack: newestOf } : {}),
      },
      options,
      io,
    ),
};

function newestOf({ tried, revision }: ReadHead): string | undefined {
  return tried ?? revision;
}

/** A commit stands for the revision that is kept of it. */
function targetOf({ revision, previous }: ReadHead, to: string | undefined): string {
  if (to === undefined) return "";
  const kept = [...new Set([revision, previous])].filter((one) => one !== undefined);
  const found = revisionsOf(to, kept);
  if (found === undefined) return to;
  const [target] = found;
  if (target !== undefined && found.length === 1) return target;
  const which = found.length === 0 ? "none" : "more than one";
  throw new UsageError(
    `Cannot go back to "${to}": ${which} of the revisions that are kept is meant, ${
      kept.map((one) => `"${one}"`).join(" and ")
    }`,
  );
}
