// SPDX-License-Identifier: Apache-2.0

import { watchPaths } from "../adapters/path_watch.ts";
import {
  type BrokenDefinition,
  type Definition,
  definitionKey,
  firstNamed,
  type Program,
} from "../language/mod.ts";
import {
  type AnyFunctionTest,
  functionTestsOf,
  runFunctionTest,
  summarize,
  type TestReport,
} from "../testing/mod.ts";
import { type CommandIo, EXIT, UsageError } from "./command_io.ts";
import { countText } from "./count_text.ts";
import type { ProgramReader, ReadAgain } from "./program_reader.ts";
import { asUsageError, reportTests, type TestSettings } from "./test_run.ts";

/** What is run again and again. */
export interface WatchedTests {
  readonly paths: readonly string[];
  readonly reader: ProgramReader;
  readonly settings: TestSettings;
}

/** Clears the screen and what was scrolled out of it. */
const CLEAR = "\u001b[2J\u001b[3J\u001b[H";

/**
 * Runs the tests whenever a file below the paths changes, until the process is asked to end.
 *
 * A test is run again when it or something it reaches changed; what it came to before holds
 * otherwise, since tests depend on nothing else.
 *
 * @returns The exit code of the last run
 */
export async function watchTests(watched: WatchedTests, io: CommandIo): Promise<number> {
  const { paths, reader, settings } = watched;
  const runs = createTestRuns(settings, io);
  let exitCode: number = EXIT.fine;
  let isFirst = true;
  try {
    for (;;) {
      // Opened before the files are read: what changes from then on is not missed.
      using watch = await watchPaths(paths).catch(asUnwatchable);
      const read = await reader.read(io);
      if (isFirst || read.changed.length > 0) {
        if (!isFirst) announce(read, io);
        exitCode = await runs.next(read);
        io.stderr(`Watching ${countText(read.files, "file")}, Ctrl-C ends\n`);
      }
      isFirst = false;
      await watch.changed(io);
    }
  } catch (error) {
    if (io.signal.aborted && !isFirst) return exitCode;
    throw error;
  }
}

/** How many changed files are named. */
const MAX_NAMED = 5;

function announce({ changed }: ReadAgain, io: CommandIo): void {
  if (io.isTerminal) io.stdout(CLEAR);
  io.stderr(`Changed: ${firstNamed(changed, MAX_NAMED)}\n`);
}

function asUnwatchable(error: unknown): never {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
  throw new UsageError(`Cannot watch the paths: ${error.message}`);
}

/** What a test came to, and all that it depends on. */
interface KnownReport {
  readonly report: TestReport;
  readonly digest: string;
  readonly reached: readonly (Definition | BrokenDefinition | undefined)[];
}

/** One run of the tests after the other. */
interface TestRuns {
  /** Runs what changed and writes the report. */
  next(read: ReadAgain): Promise<number>;
}

function createTestRuns(settings: TestSettings, io: CommandIo): TestRuns {
  let known: ReadonlyMap<string, KnownReport> = new Map();
  return {
    async next({ program, diagnostics }) {
      settings.coverage?.counter.reset();
      const found = new Map<string, KnownReport>();
      const lookup = new Map(program.definitions.map((one) => [definitionKey(one.id), one]));
      const tests = testsOf(program, settings);
      for (const test of tests) {
        const now = dependenciesOf(program, test, lookup);
        const before = known.get(definitionKey(test.id));
        // Whoever counts what is reached has to reach it.
        const holds = before && !settings.coverage && isSame(before, now);
        found.set(
          definitionKey(test.id),
          holds ? before : { ...now, report: await runOne(program, test, { settings, io }) },
        );
      }
      const report = summarize([...found.values()].map(({ report }) => report), diagnostics);
      const isOld = new Set([...known.values()].map(({ report }) => report));
      const shown = report.tests.filter((test) => !isOld.has(test) || !test.pass);
      known = found;
      return await reportTests(program, report, { settings, io, shown });
    },
  };
}

function testsOf(program: Program, { filter }: TestSettings): readonly AnyFunctionTest[] {
  try {
    return functionTestsOf(program, filter);
  } catch (error) {
    return asUsageError(error);
  }
}

function runOne(
  program: Program,
  test: AnyFunctionTest,
  { settings, io }: { readonly settings: TestSettings; readonly io: CommandIo },
): Promise<TestReport> {
  const { coverage } = settings;
  return runFunctionTest(program, test, {
    signal: io.signal,
    ...coverage ? { observe: coverage.counter.observe } : {},
  });
}

type Lookup = ReadonlyMap<string, Definition | BrokenDefinition>;

/** Definitions are the same objects as long as nothing of them changed, their place included. */
function dependenciesOf(program: Program, { id }: AnyFunctionTest, lookup: Lookup) {
  const view = program.startingAt(id.namespace);
  return {
    digest: view.reachDigest("FunctionTest", id.name),
    reached: [...view.reach("FunctionTest", id.name)].map((key) => lookup.get(key)),
  };
}

function isSame(a: KnownReport, b: Omit<KnownReport, "report">): boolean {
  return a.digest === b.digest && a.reached.length === b.reached.length &&
    a.reached.every((one, index) => one === b.reached[index]);
}
