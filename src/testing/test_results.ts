// SPDX-License-Identifier: Apache-2.0

import type { Diagnostic, LogicRef, Outcome, SourcePlace } from "../language/mod.ts";
import type { CoverageReport } from "./coverage.ts";
import type { Difference } from "./difference.ts";

/** How a case ended (FT-24). */
export type CaseResult = "pass" | "fail" | "skipped" | "notRun";

/** One case of a FunctionTest after the run. */
export interface CaseReport {
  /** The label of the case. */
  readonly label: string;
  /** How it ended. */
  readonly result: CaseResult;
  /** Where the case stands in the YAML. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** What there is to say: always there for a failure without {@linkcode differences}. */
  readonly message?: string;
  /** Where the value differs from the expectation (FT-46). */
  readonly differences?: Difference;
  /** The expected outcome as text, when the case expects one. */
  readonly expected?: string;
  /** The outcome of the run as text; absent when nothing was run. */
  readonly actual?: string;
  /** Of a failing case: where in the definitions the cause of its outcome stands, when known. */
  readonly source?: SourcePlace;
  /** The outcome of the run; absent when nothing was run. Not part of the JSON document. */
  readonly outcome?: Outcome;
}

/** A FunctionTest after the run. */
export interface TestReport {
  /** Name of the FunctionTest. */
  readonly name: string;
  /** Its namespace. */
  readonly namespace: string;
  /** Absent when the document does not say. */
  readonly functionRef?: LogicRef;
  /** Where the document stands. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** Whether no case failed, and none had to be left out. */
  readonly pass: boolean;
  /** Why no case was run, when none could be. */
  readonly message?: string;
  /** In the order of the document. */
  readonly cases: readonly CaseReport[];
}

/** All tests of a run. The counts count cases. */
export interface TestsReport {
  /** Cases that passed. */
  readonly passed: number;
  /** Cases that failed. */
  readonly failed: number;
  /** Cases with `skip: true`. */
  readonly skipped: number;
  /** Cases that were not run because of an earlier failure or a broken definition. */
  readonly notRun: number;
  /** Every diagnostic of the Program. */
  readonly diagnostics: readonly Diagnostic[];
  /** In order of the files. */
  readonly tests: readonly TestReport[];
  /** What the tests reached, when it was counted. */
  readonly coverage?: CoverageReport;
}

/** Puts test reports together and counts their cases. */
export function summarize(
  tests: readonly TestReport[],
  diagnostics: readonly Diagnostic[],
): TestsReport {
  const count = (result: CaseResult) =>
    tests.reduce((sum, test) => sum + test.cases.filter((c) => c.result === result).length, 0);
  return {
    passed: count("pass"),
    failed: count("fail"),
    skipped: count("skipped"),
    notRun: count("notRun"),
    diagnostics,
    tests,
  };
}

/** Whether every test passed and there was at least one. */
export function allPassed(report: TestsReport): boolean {
  return report.tests.length > 0 && report.tests.every((test) => test.pass);
}
