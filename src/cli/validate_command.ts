// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import type { Diagnostic, Severity } from "../language/mod.ts";
import { type CliCommand, outputOption, writeJson } from "./command.ts";
import { countText } from "./count_text.ts";
import { type CommandIo, EXIT } from "./command_io.ts";
import { addSourceOptions, type ReadProgram, readProgram } from "./read_program.ts";
import { FAULTS, writeDiagnostics } from "./write_diagnostics.ts";

/** `koreo validate`: every diagnostic of some definitions. */
export const validateCommand: CliCommand = {
  define: () =>
    addSourceOptions(
      new Command("validate")
        .description("compile definitions and report every diagnostic")
        .argument("<paths...>", "files, directories, or one repository's URL")
        .option("--strict", "warnings count as failures")
        .option("--information", "show what is only worth knowing, too")
        .addOption(outputOption()),
    ),
  async run(args, options, io) {
    const read = await readProgram(args.flat(), options, io);
    if (options["output"] === "json") writeJson(io, documentOf(read));
    else writeText(read, options["information"] === true, io);
    const counted = options["strict"] === true ? [...FAULTS, "warning"] : FAULTS;
    const isFine = read.diagnostics.every(({ severity }) => !counted.includes(severity));
    return isFine ? EXIT.fine : EXIT.findings;
  },
};

function documentOf({ program, files, diagnostics }: ReadProgram) {
  return {
    definitions: program.definitions.length,
    files,
    diagnostics: diagnostics.map(diagnosticJson),
  };
}

/** A diagnostic as CONTRACTS.md states it: without the excerpt of its code frame. */
export function diagnosticJson(
  { excerpt: _excerpt, ...diagnostic }: Diagnostic,
): Omit<Diagnostic, "excerpt"> {
  return diagnostic;
}

function writeText(
  { program, files, diagnostics }: ReadProgram,
  withInformation: boolean,
  io: CommandIo,
): void {
  const shown = diagnostics.filter(({ severity }) => withInformation || severity !== "information");
  writeDiagnostics(shown, io);
  const found = countText(program.definitions.length, "definition");
  io.stdout(`${found} in ${countText(files, "file")}: ${countsText(diagnostics)}\n`);
}

function countsText(diagnostics: readonly Diagnostic[]): string {
  const counts = (["error", "unresolved", "warning", "information"] as const)
    .map((severity): readonly [Severity, number] => [
      severity,
      diagnostics.filter((diagnostic) => diagnostic.severity === severity).length,
    ])
    .filter(([, count]) => count > 0);
  if (counts.length === 0) return "no fault";
  return counts.map(([severity, count]) => `${count} ${severity}`).join(", ");
}
