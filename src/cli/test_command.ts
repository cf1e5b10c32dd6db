// SPDX-License-Identifier: Apache-2.0

import { Command, Option, type OptionValues } from "commander";
import { REPORTERS } from "../testing/mod.ts";
import { type CliCommand, outputOption } from "./command.ts";
import { UsageError } from "./command_io.ts";
import { createProgramReader } from "./program_reader.ts";
import { addSourceOptions, checkFileOptions, isUrl, readProgram } from "./read_program.ts";
import { runTests, type TestSettings, testSettings } from "./test_run.ts";
import { watchTests } from "./test_watch.ts";

/** `koreo test`: runs FunctionTests. */
export const testCommand: CliCommand = {
  define: () =>
    addSourceOptions(
      new Command("test")
        .description("run the FunctionTests of some definitions")
        .argument("<paths...>", "files, directories, or one repository's URL")
        .option("--filter <text>", "only tests whose namespace/name contains it, or /a pattern/")
        .option("--allow-none", "no test at all is fine")
        .option("--watch", "run again what a changed file concerns, until Ctrl-C")
        .option("--coverage", "show what of the definitions no test reached")
        .option("--coverage-file <file>", "write the coverage as an lcov tracefile")
        .option("--coverage-min <percent>", "less coverage than this is a failure")
        .addOption(
          new Option("--reporter <name>", "how the result is shown")
            .choices(Object.keys(REPORTERS)).default("pretty"),
        )
        .addOption(outputOption()),
    ),
  async run(args, options, io) {
    const paths = args.flat();
    const settings = testSettings(options);
    const observer = settings.coverage && { observer: settings.coverage.counter.observer };
    if (options["watch"] !== true) {
      const read = await readProgram(paths, options, { ...observer, signal: io.signal });
      return await runTests(read, settings, io);
    }
    refuseUnwatchable(paths, settings);
    checkFileOptions(options);
    return await watchTests({
      paths,
      reader: createProgramReader(paths, options as OptionValues, observer),
      settings,
    }, io);
  },
};

/** One document is one run, and a repository is followed by the controller. */
function refuseUnwatchable(paths: readonly string[], { reporter }: TestSettings): void {
  if (reporter === "json" || reporter === "junit") {
    throw new UsageError(`Cannot watch with ${reporter}: it is one document for one run`);
  }
  if (paths.some(isUrl)) {
    throw new UsageError("Cannot watch a repository by its URL: give files and directories");
  }
}
