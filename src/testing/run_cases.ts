// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../runtime/mod.ts";
import { type FunctionTest, type Outcome, outcomeText, type TestCase } from "../language/mod.ts";
import type { Verdict } from "./function_assertions.ts";
import type { CaseReport } from "./test_results.ts";

/** What one case came to, and the state it leaves to the next one. */
export interface CaseEnd<State> extends Verdict {
  readonly outcome?: Outcome;
  readonly next: State;
}

/** Runs one case on the state carried to it. */
export type RunCase<State> = (
  testCase: TestCase,
  index: number,
  state: State,
) => Promise<CaseEnd<State>>;

/** How cases are run. */
export interface CaseRunner<State> {
  readonly run: RunCase<State>;
  /** Is waited for before each of them; what it throws ends the test. */
  readonly beforeCase?: (() => Promise<void>) | undefined;
}

/**
 * Runs the cases in order (FT-20 to FT-22): a variant carries nothing forward, a failing case that
 * is no variant ends the test, and what comes after it is reported as not run.
 */
export async function runCases<State>(
  test: FunctionTest,
  first: State,
  { run, beforeCase }: CaseRunner<State>,
): Promise<readonly CaseReport[]> {
  const reports: CaseReport[] = [];
  let state = first;
  for (const [index, testCase] of test.testCases.entries()) {
    if (testCase.isSkipped) {
      reports.push({ ...placed(testCase), result: "skipped", message: "user skipped" });
      continue;
    }
    await beforeCase?.();
    const end = await run(testCase, index, state);
    reports.push(caseReport(testCase, end));
    if (testCase.isVariant) continue;
    if (!end.pass) return [...reports, ...notRun(test.testCases.slice(index + 1))];
    state = end.next;
  }
  return reports;
}

/** The same, but what fails unexpectedly ends its own case, as it ends its own step (WF-36). */
export function guarded<State>(run: RunCase<State>, signal: AbortSignal): RunCase<State> {
  return async (testCase, index, state) => {
    try {
      return await run(testCase, index, state);
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = errorText(error);
      return { pass: false, message: `Unknown error (${reason}) running the case`, next: state };
    }
  };
}

/** Reports of cases that were not run. */
export function notRun(
  cases: readonly Pick<TestCase, "label" | "source">[],
): readonly CaseReport[] {
  return cases.map((testCase) => ({ ...placed(testCase), result: "notRun" }));
}

/** Texts of outcomes are rendered when they are read: most cases pass, and nobody reads theirs. */
function caseReport<State>(testCase: TestCase, end: CaseEnd<State>): CaseReport {
  const { message, differences, expected, outcome } = end;
  const source = outcome === undefined || outcome.type === "Ok" ? undefined : outcome.source;
  const report: CaseReport = {
    ...placed(testCase),
    result: end.pass ? "pass" : "fail",
    ...message === undefined ? {} : { message },
    ...differences === undefined ? {} : { differences },
    ...end.pass || source === undefined ? {} : { source },
    ...outcome === undefined ? {} : { outcome },
  };
  if (expected) Object.defineProperty(report, "expected", { get: expected, enumerable: true });
  if (outcome) {
    const get = () => outcomeText(outcome);
    Object.defineProperty(report, "actual", { get, enumerable: true });
  }
  return report;
}

function placed(testCase: Pick<TestCase, "label" | "source">) {
  return { label: testCase.label, file: testCase.source.file, line: testCase.source.line };
}
