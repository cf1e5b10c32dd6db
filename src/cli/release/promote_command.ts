// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import type { CliCommand } from "../command.ts";
import { addReleaseOptions, askAndTell } from "./release_options.ts";

/** `koreo promote`: ends the soak of a canary. */
export const promoteCommand: CliCommand = {
  define: () =>
    addReleaseOptions(
      new Command("promote")
        .description("give everyone what a share of the triggers of a channel tries")
        .argument("<channel>", "the channel")
        .option(
          "--revision <revision>",
          "what is meant to be tried; something else stays as it is",
        ),
    ),
  run: ([channel = ""], options, io) =>
    askAndTell(
      { channel, type: "promote", revision: () => options["revision"] ?? "" },
      options,
      io,
    ),
};
