// SPDX-License-Identifier: Apache-2.0

/**
 * Tests of Koreo definitions: FunctionTests of Functions and of whole Workflows, offline.
 *
 * Two lines in a `functions_test.ts` beside the definitions register every FunctionTest of that
 * directory with `deno test`:
 *
 * ```ts ignore
 * import { testDefinitions } from "@koreo/koreo-deno/testing";
 * await testDefinitions(import.meta);
 * ```
 *
 * @example Run the FunctionTests of a Program and report on them
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { compileProgram, readDocuments } from "@koreo/koreo-deno";
 * import { REPORTERS, runFunctionTests } from "@koreo/koreo-deno/testing";
 *
 * const text = `
 * apiVersion: koreo.dev/v1beta1
 * kind: ValueFunction
 * metadata: {name: twice.v1}
 * spec:
 *   return: {value: =inputs.number * 2}
 * ---
 * apiVersion: koreo.dev/v1beta1
 * kind: FunctionTest
 * metadata: {name: twice.v1}
 * spec:
 *   functionRef: {kind: ValueFunction, name: twice.v1}
 *   inputs: {number: 4}
 *   testCases:
 *   - expectReturn: {value: 8}
 * `;
 * const program = compileProgram(readDocuments({ path: "twice.koreo", text }));
 * const { signal } = new AbortController();
 * const report = await runFunctionTests(program, { signal });
 * equal(REPORTERS.dot(report), ".\n\n1 passed, 0 failed, 0 skipped, 0 not run\n");
 * ```
 *
 * @module
 */

import { isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { readDefinitionFiles } from "./src/adapters/files.ts";
import { compileProgram, readDocuments, type SourceFile } from "./src/language/mod.ts";
import { registerFunctionTests } from "./src/testing/mod.ts";

export {
  allPassed,
  type AnyFunctionTest,
  type CaseReport,
  type CaseResult,
  type Coverage,
  type CoverageArm,
  type CoverageCount,
  type CoverageCounts,
  coverageLcov,
  type CoverageMetric,
  type CoveragePoint,
  type CoveragePointType,
  type CoverageReport,
  coverageText,
  type CoverageTotals,
  createCoverage,
  type DefinitionCoverage,
  type Difference,
  type DifferenceMap,
  type ReporterName,
  REPORTERS,
  type ReportStyle,
  type RunAllOptions,
  runFunctionTest,
  runFunctionTests,
  type RunOptions,
  type TestReport,
  type TestsReport,
} from "./src/testing/mod.ts";

/** Where the definitions of a test file are: what `import.meta` says of it. */
export interface TestFile {
  /** Directory of the test file; absent when it does not come from the file system. */
  readonly dirname?: string;
  /** URL of the test file. */
  readonly url: string;
}

/** How definitions are read for tests. */
export interface TestDefinitionsOptions {
  /** Files and directories to read instead, relative to the test file. */
  readonly paths?: readonly string[];
  /** Namespace of documents that name none; `default` unless given. */
  readonly defaultNamespace?: string;
  /** The namespace priority list, highest first; unless given it follows from the documents. */
  readonly namespaces?: readonly string[];
}

/**
 * Registers one `Deno.test` per FunctionTest of a directory, with one step per case.
 *
 * A test has the name of the FunctionTest, with its namespace if there are several; `--filter`
 * works on these names. A failing case shows what differs, the expected and the actual outcome, and
 * its place in the YAML. A broken definition is a failing test that shows its faults. Needs the
 * permission to read the directory, and no other.
 *
 * @param file `import.meta` of the test file
 * @param options What else to read, and how
 * @throws {TypeError} If the directory holds no definitions, or the file is not on a disk
 */
export async function testDefinitions(
  file: TestFile,
  options: TestDefinitionsOptions = {},
): Promise<void> {
  const directory = file.dirname ?? fileURLToPath(new URL(".", file.url));
  const paths = (options.paths ?? ["."]).map((path) =>
    isAbsolute(path) ? path : join(directory, path)
  );
  const { signal } = new AbortController();
  const { files, unreadable } = await readDefinitionFiles(paths, { signal });
  const [bad] = unreadable;
  if (bad) throw new TypeError(`Cannot read "${bad.path}": ${bad.reason}`);
  const documents = files.flatMap((one) => readDocuments(shown(one)));
  if (documents.length === 0) throw new TypeError(`Cannot test "${directory}": no definitions`);
  const { paths: _paths, ...compileOptions } = options;
  registerFunctionTests(compileProgram(documents, compileOptions), (definition) => {
    Deno.test(definition);
  });
}

/** The file under the name that reports show: as seen from where the tests are run. */
function shown(file: SourceFile): SourceFile {
  const { state } = Deno.permissions.querySync({ name: "read", path: "." });
  if (state !== "granted") return file;
  const path = relative(Deno.cwd(), file.path);
  return path.startsWith("..") ? file : { ...file, path };
}
