// SPDX-License-Identifier: Apache-2.0

import type { Diagnostic, LogicRef, Outcome } from "../language/mod.ts";
import type { Difference } from "./difference.ts";

/** How a case ended (FT-24). */
export type CaseResult = "pass" | "fail" | "skipped" | "notRun";

/** One case of a FunctionTest after the run. */
export interface CaseReport {
  readonly label: string;
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
  /** The outcome of the run; absent when nothing was run. Not part of the JSON document. */
  readonly outcome?: Outcome;
}

/** A FunctionTest after the run. */
export interface TestReport {
  readonly name: string;
  readonly namespace: string;
  /** Absent when the document does not say. */
  readonly functionRef?: LogicRef;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly pass: boolean;
  /** Why no case was run, when none could be. */
  readonly message?: string;
  readonly cases: readonly CaseReport[];
}

/** All tests of a run. The counts count cases. */
export interface TestsReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly notRun: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly tests: readonly TestReport[];
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
