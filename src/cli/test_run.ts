// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../runtime/mod.ts";
import { writeFile } from "node:fs/promises";
import type { OptionValues } from "commander";
import type { Program } from "../language/mod.ts";
import {
  allPassed,
  type Coverage,
  coverageLcov,
  type CoverageReport,
  coverageText,
  createCoverage,
  functionTestsOf,
  type ReporterName,
  REPORTERS,
  runFunctionTests,
  type TestReport,
  type TestsReport,
} from "../testing/mod.ts";
import { type CommandIo, EXIT, UsageError } from "./command_io.ts";
import type { ReadProgram } from "./program_reader.ts";
import { writeFaults } from "./write_diagnostics.ts";

/** How the tests of `koreo test` are run and reported. */
export interface TestSettings {
  readonly reporter: ReporterName;
  readonly filter?: string;
  readonly allowsNone: boolean;
  /** Absent when nothing is counted. */
  readonly coverage?: CoverageSettings;
}

/** What is made of the coverage. */
interface CoverageSettings {
  readonly counter: Coverage;
  /** Where the tracefile is written. */
  readonly file?: string;
  /** Percent that must be reached. */
  readonly minimum?: number;
}

/**
 * Reads the options of `koreo test`.
 *
 * @throws {UsageError} If the minimum is no percentage, or two reports are asked for
 */
export function testSettings(options: OptionValues): TestSettings {
  const { filter } = options;
  const coverage = coverageSettings(options);
  return {
    reporter: reporterOf(options),
    ...filter === undefined ? {} : { filter: String(filter) },
    allowsNone: options["allowNone"] === true,
    ...coverage ? { coverage } : {},
  };
}

/** `-o json` is a reporter, too. */
function reporterOf({ output, reporter }: OptionValues): ReporterName {
  if (output !== "json" || reporter === "json") return reporter;
  if (reporter === "pretty") return "json";
  throw new UsageError(`Cannot use --reporter ${reporter} together with -o json: give one of them`);
}

function coverageSettings(options: OptionValues): CoverageSettings | undefined {
  const { coverage, coverageFile, coverageMin } = options;
  if (coverage !== true && coverageFile === undefined && coverageMin === undefined) {
    return undefined;
  }
  return {
    counter: createCoverage(),
    ...coverageFile === undefined ? {} : { file: String(coverageFile) },
    ...coverageMin === undefined ? {} : { minimum: percentage(String(coverageMin)) },
  };
}

function percentage(text: string): number {
  const value = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && value <= 100) return value;
  throw new UsageError(`Cannot read "${text}" for --coverage-min: expected percent from 0 to 100`);
}

/** Runs the tests of a Program, writes the report, and tells the exit code. */
export async function runTests(
  { program, diagnostics }: ReadProgram,
  settings: TestSettings,
  io: CommandIo,
): Promise<number> {
  const { filter, coverage } = settings;
  const run = runFunctionTests(program, {
    signal: io.signal,
    ...filter === undefined ? {} : { filter },
    ...coverage ? { observe: coverage.counter.observe } : {},
  });
  const report = { ...await run.catch(asUsageError), diagnostics };
  return await reportTests(program, report, { settings, io });
}

/** Writes a report and tells its exit code. */
export async function reportTests(
  program: Program,
  report: TestsReport,
  { settings, io, shown = report.tests }: {
    readonly settings: TestSettings;
    readonly io: CommandIo;
    /** The tests that are worth showing; the counts are of all. */
    readonly shown?: readonly TestReport[];
  },
): Promise<number> {
  const { reporter, filter, coverage } = settings;
  const counted = coverage?.counter.report(program);
  // Reporters know only of tests.
  if (reporter !== "json") writeFaults(report.diagnostics, io);
  const document = { ...report, tests: shown, ...counted ? { coverage: counted } : {} };
  io.stdout(REPORTERS[reporter](document, { colors: io.colour }));
  if (report.tests.length === 0) io.stderr(`${noTestText(program, filter)}\n`);
  const isCovered = counted === undefined || coverage === undefined ||
    await reportCoverage(counted, coverage, { reporter, io });
  const isFine = allPassed(report) || (report.tests.length === 0 && settings.allowsNone);
  return isFine && isCovered ? EXIT.fine : EXIT.findings;
}

/** Writes the coverage and tells whether it is enough. */
async function reportCoverage(
  report: CoverageReport,
  { file, minimum }: CoverageSettings,
  { reporter, io }: { readonly reporter: ReporterName; readonly io: CommandIo },
): Promise<boolean> {
  // The other reports are read by programs, which know of no table.
  const isForPeople = reporter === "pretty" || reporter === "dot";
  if (isForPeople) io.stdout(`\n${coverageText(report)}`);
  else if (reporter !== "json") io.stderr(coverageText(report));
  if (file !== undefined) await writeTracefile(file, coverageLcov(report));
  if (minimum === undefined || report.percent >= minimum) return true;
  io.stderr(`Coverage is ${report.percent.toFixed(1)} %, less than ${minimum} %\n`);
  return false;
}

async function writeTracefile(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const reason = errorText(error);
    throw new UsageError(`Cannot write the coverage to "${file}": ${reason}`);
  }
}

function noTestText(program: Program, filter: string | undefined): string {
  const { length } = functionTestsOf(program);
  return length === 0
    ? "There is no FunctionTest"
    : `No FunctionTest of ${length} is called like "${filter}"`;
}

/** A filter that is no pattern is the user's slip. */
export function asUsageError(error: unknown): never {
  if (error instanceof SyntaxError) throw new UsageError(error.message);
  throw error;
}
