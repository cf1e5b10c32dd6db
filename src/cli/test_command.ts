// SPDX-License-Identifier: Apache-2.0

import { Command, Option } from "commander";
import type { Program } from "../language/mod.ts";
import {
  allPassed,
  functionTestsOf,
  type ReporterName,
  REPORTERS,
  runFunctionTests,
} from "../testing/mod.ts";
import { type CliCommand, outputOption } from "./command.ts";
import { EXIT, UsageError } from "./command_io.ts";
import { addSourceOptions, readProgram } from "./read_program.ts";
import { writeFaults } from "./write_diagnostics.ts";

/** `koreo test`: runs FunctionTests. */
export const testCommand: CliCommand = {
  define: () =>
    addSourceOptions(
      new Command("test")
        .description("run the FunctionTests of some definitions")
        .argument("<paths...>", "files, directories, or one repository's URL")
        .option("--filter <text>", "only tests whose namespace/name contains it, or /a pattern/")
        .option("--allow-none", "no test at all is fine")
        .addOption(
          new Option("--reporter <name>", "how the result is shown")
            .choices(Object.keys(REPORTERS)).default("pretty"),
        )
        .addOption(outputOption()),
    ),
  async run(args, options, io) {
    const { program, diagnostics } = await readProgram(args.flat(), options, io);
    const { filter } = options;
    const run = runFunctionTests(program, {
      signal: io.signal,
      ...(filter === undefined ? {} : { filter: String(filter) }),
    });
    const report = { ...await run.catch(asUsageError), diagnostics };
    const reporter: ReporterName = options["output"] === "json" ? "json" : options["reporter"];
    // Reporters know only of tests.
    if (reporter !== "json") writeFaults(diagnostics, io);
    io.stdout(REPORTERS[reporter](report, { colors: io.colour }));
    if (report.tests.length === 0) io.stderr(`${noTestText(program, filter)}\n`);
    const isFine = allPassed(report) ||
      (report.tests.length === 0 && options["allowNone"] === true);
    return isFine ? EXIT.fine : EXIT.findings;
  },
};

function noTestText(program: Program, filter: unknown): string {
  const { length } = functionTestsOf(program);
  return length === 0
    ? "There is no FunctionTest"
    : `No FunctionTest of ${length} is called like "${filter}"`;
}

/** A filter that is no pattern is the user's slip. */
function asUsageError(error: unknown): never {
  if (error instanceof SyntaxError) throw new UsageError(error.message);
  throw error;
}
