// SPDX-License-Identifier: Apache-2.0

import type { RunTests, TestVerdict } from "../controller/mod.ts";
import type { FunctionTest, Program } from "../language/mod.ts";
import type { Abortable } from "../runtime/mod.ts";
import { caseLines } from "./case_text.ts";
import { runFunctionTest } from "./function_tests.ts";
import type { TestReport } from "./test_results.ts";

/** Runs FunctionTests for the gate: one verdict per test, with the first failing case. */
export async function runGateTests(
  program: Program,
  tests: readonly FunctionTest[],
  { signal }: Abortable,
): ReturnType<RunTests> {
  const verdicts: TestVerdict[] = [];
  for (const test of tests) {
    verdicts.push(gateVerdict(await runFunctionTest(program, test, { signal })));
  }
  return verdicts;
}

/** What the gate needs to know of a test's report. */
export function gateVerdict(report: TestReport): TestVerdict {
  const { namespace, name, pass } = report;
  if (pass) return { namespace, name, passed: true };
  const failed = report.cases.find((entry) => entry.result === "fail");
  const [firstLine = "FunctionTest failed"] = failed ? caseLines(failed) : [];
  return {
    namespace,
    name,
    passed: false,
    reason: report.message ?? firstLine,
    file: failed?.file ?? report.file,
    line: failed?.line ?? report.line,
    ...failed === undefined ? {} : { case: failed.label },
  };
}
