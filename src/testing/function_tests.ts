// SPDX-License-Identifier: Apache-2.0

import type {
  BrokenDefinition,
  Definition,
  Diagnostic,
  FunctionTest,
  Lookup,
  Program,
} from "../language/mod.ts";
import type { RunEvent } from "../runtime/mod.ts";
import { firstFunctionState, type FunctionState, runFunctionCase } from "./function_cases.ts";
import { guarded, notRun, runCases } from "./run_cases.ts";
import { type CaseReport, summarize, type TestReport, type TestsReport } from "./test_results.ts";
import type { WorkflowState } from "./run_tested_workflow.ts";
import { firstWorkflowState, runWorkflowCase } from "./workflow_cases.ts";

/** What a run of tests takes besides the tests. */
export interface RunOptions {
  /** Ends the run: it rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Is told what happens in the runs: for coverage. */
  readonly observe?: (event: RunEvent) => void;
  /** Is waited for before each case; what it throws ends the run. */
  readonly beforeCase?: () => Promise<void>;
}

/** What a run of all tests of a Program takes. */
export interface RunAllOptions extends RunOptions {
  /**
   * Which tests to run: text that `namespace/name` contains, or a regular expression between
   * slashes. All of them unless given.
   */
  readonly filter?: string;
}

/** A FunctionTest, ready or broken. */
export type AnyFunctionTest = FunctionTest | BrokenDefinition;

/** The FunctionTests of a Program, broken ones included, in order of the files. */
export function functionTestsOf(program: Program, filter?: string): readonly AnyFunctionTest[] {
  const accepts = nameFilter(filter);
  return program.definitions.filter((definition): definition is AnyFunctionTest =>
    isFunctionTest(definition) && accepts(`${definition.id.namespace}/${definition.id.name}`)
  );
}

function isFunctionTest(definition: Definition | BrokenDefinition): boolean {
  return definition.id.kind === "FunctionTest";
}

/**
 * A test of names: contains the text, or matches the regular expression between slashes.
 *
 * @throws {SyntaxError} If the regular expression is not valid
 */
export function nameFilter(filter: string | undefined): (name: string) => boolean {
  if (filter === undefined) return () => true;
  const pattern = /^\/(.*)\/([a-z]*)$/s.exec(filter);
  if (!pattern) return (name) => name.includes(filter);
  const expression = new RegExp(pattern[1] ?? "", (pattern[2] ?? "").replaceAll(/[gy]/g, ""));
  return (name) => expression.test(name);
}

/**
 * Runs the FunctionTests of a Program one after the other (chapters 14 and 15).
 *
 * @returns What CONTRACTS says of `koreo test -o json`
 */
export async function runFunctionTests(
  program: Program,
  options: RunAllOptions,
): Promise<TestsReport> {
  const reports: TestReport[] = [];
  for (const test of functionTestsOf(program, options.filter)) {
    reports.push(await runFunctionTest(program, test, options));
  }
  return summarize(reports, program.diagnostics);
}

/**
 * Runs one FunctionTest with the same functions that a reconcile runs.
 *
 * Never throws for what a definition holds: a broken test, and one whose Function is missing or
 * broken, is a report whose cases were not run.
 */
export async function runFunctionTest(
  program: Program,
  test: AnyFunctionTest,
  options: RunOptions,
): Promise<TestReport> {
  options.signal.throwIfAborted();
  if (test.type === "Broken") return brokenReport(test);
  const searched = program.startingAt(test.id.namespace);
  const found = searched.find(test.functionRef.kind, test.functionRef.name);
  if (found.type !== "ready") return waitingReport(test, found);
  const cases = await runCasesOf(searched, { test, fn: found.definition }, options);
  return { ...reportHead(test), pass: cases.every((report) => report.result !== "fail"), cases };
}

interface Subject {
  readonly test: FunctionTest;
  readonly fn: Definition;
}

function runCasesOf(
  program: Program,
  { test, fn }: Subject,
  { signal, observe, beforeCase }: RunOptions,
): Promise<readonly CaseReport[]> {
  switch (fn.type) {
    case "Workflow": {
      const context = { program, test, workflow: fn, signal, observe };
      const run = guarded<WorkflowState>(
        (testCase, _index, state) => runWorkflowCase(context, testCase, state),
        signal,
      );
      return runCases(test, firstWorkflowState(test), { run, beforeCase });
    }
    case "ValueFunction":
    case "ResourceFunction": {
      const context = { program, test, fn, signal, observe };
      const run = guarded<FunctionState>(
        (testCase, index, state) => runFunctionCase(context, testCase, { index, state }),
        signal,
      );
      return runCases(test, firstFunctionState(test), { run, beforeCase });
    }
    default:
      throw new TypeError(`Cannot test a ${fn.type}`);
  }
}

/** FT-18. */
function waitingReport(test: FunctionTest, found: Lookup<Definition>): TestReport {
  const { kind, name } = test.functionRef;
  const reason = found.type === "broken" ? diagnosticLine(found.diagnostic) : "Not found";
  const message = `${kind} (${name}) not found or not ready, ` +
    `FunctionTest '${test.id.name}' must wait. ${reason}`;
  return { ...reportHead(test), pass: false, message, cases: notRun(test.testCases) };
}

function brokenReport(broken: BrokenDefinition): TestReport {
  const lines = broken.diagnostics.filter(({ severity }) => severity === "error");
  const { functionRef, cases = [] } = broken.test ?? {};
  return {
    name: broken.id.name,
    namespace: broken.id.namespace,
    ...functionRef ? { functionRef } : {},
    file: broken.source.file,
    line: broken.source.line,
    pass: false,
    message: lines.map(diagnosticLine).join("\n"),
    cases: notRun(cases),
  };
}

/** A diagnostic on one line: `bucket.koreo:14:22 error unknown-step: …`. */
function diagnosticLine(diagnostic: Diagnostic): string {
  const { file, line, column, severity, code, message } = diagnostic;
  return `${file}:${line}:${column} ${severity} ${code}: ${message}`;
}

function reportHead(test: FunctionTest) {
  const { id, functionRef, source } = test;
  return {
    name: id.name,
    namespace: id.namespace,
    functionRef,
    file: source.file,
    line: source.line,
  };
}
