// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../command_io.ts";
import { type ReadHead, revisionsOf } from "./open_head.ts";
import { addReleaseOptions, askAndTell } from "./release_options.ts";

/** `koreo promote`: ends the soak of a canary, or allows what was taken back to run again. */
export const promoteCommand: CliCommand = {
  define: () =>
    addReleaseOptions(
      new Command("promote")
        .description("give everyone what a share of the triggers of a channel tries")
        .argument("<channel>", "the channel")
        .option(
          "--revision <revision>",
          "this revision, or commit, and no other: it is being tried, or was taken back and may " +
            "run again (default: what is being tried)",
        ),
    ),
  run: ([channel = ""], options, io) =>
    askAndTell(
      { channel, type: "promote", revision: (head) => wantedOf(head, options["revision"]) },
      options,
      io,
    ),
};

/**
 * What is not being tried is refused by the controller, which may know better than the record: a
 * revision that nobody has seen there is given to no one by mistake.
 */
function wantedOf({ tried, refused, revision }: ReadHead, wanted = tried ?? ""): string {
  const meant = new Set(revisionsOf(wanted, [tried, ...refused]));
  if (meant.size === 0) return revisionsOf(wanted, [revision])?.[0] ?? wanted;
  const [found = wanted, ...others] = meant;
  if (others.length === 0) return found;
  // Channels that lie over others have many revisions with one and the same commit below.
  throw new UsageError(
    `Cannot promote "${wanted}": more than one revision is meant, ${
      [...meant].map((one) => `"${one}"`).join(" and ")
    }`,
  );
}
