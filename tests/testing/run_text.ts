// SPDX-License-Identifier: Apache-2.0

import { compileProgram, type Program, readDocuments } from "../../src/language/mod.ts";
import { runFunctionTests, type TestReport, type TestsReport } from "../../src/testing/mod.ts";

/** The Program of a YAML text. */
export function programOf(text: string): Program {
  return compileProgram(readDocuments({ path: "test.koreo", text }));
}

/** Runs all FunctionTests of a YAML text. */
export function runText(text: string, filter?: string): Promise<TestsReport> {
  const options = { signal: new AbortController().signal, ...filter ? { filter } : {} };
  return runFunctionTests(programOf(text), options);
}

/** Runs the only FunctionTest of a YAML text. */
export async function runOneTest(text: string): Promise<TestReport> {
  const { tests } = await runText(text);
  const [test] = tests;
  if (tests.length !== 1 || !test) throw new TypeError(`Expected one test, found ${tests.length}`);
  return test;
}

/** The results of the cases in order. */
export function resultsOf(test: TestReport): readonly string[] {
  return test.cases.map(({ result }) => result);
}
