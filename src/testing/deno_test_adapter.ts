// SPDX-License-Identifier: Apache-2.0

import { AssertionError } from "node:assert";
import {
  type BrokenDefinition,
  type Diagnostic,
  type Program,
  renderDiagnostic,
} from "../language/mod.ts";
import { caseLines, placeText } from "./case_text.ts";
import { type AnyFunctionTest, functionTestsOf, runFunctionTest } from "./function_tests.ts";
import type { CaseReport } from "./test_results.ts";

/** One step of a test: what `Deno.TestStepDefinition` takes. */
export interface StepDefinition {
  readonly name: string;
  readonly ignore?: boolean;
  readonly fn: () => void;
}

/** What a test is given: the part of `Deno.TestContext` that is used. */
export interface StepRunner {
  step(definition: StepDefinition): Promise<boolean>;
}

/** Registers one test: `Deno.test`, or what stands in for it. */
export type RegisterTest = (
  definition: { readonly name: string; readonly fn: (context: StepRunner) => Promise<void> },
) => void;

/**
 * Registers one test per FunctionTest of a Program, with one step per case, and one failing test
 * per definition that is broken.
 *
 * A test has the name of the FunctionTest, with its namespace if the tests are of several. Nothing
 * is run before the runner runs the test, so that filters work as usual.
 */
export function registerFunctionTests(program: Program, register: RegisterTest): void {
  for (const { name, diagnostics } of brokenParts(program)) {
    register({ name, fn: () => Promise.reject(brokenError(diagnostics)) });
  }
  const tests = functionTestsOf(program);
  const isOneNamespace = new Set(tests.map((test) => test.id.namespace)).size < 2;
  for (const test of tests) {
    const name = isOneNamespace ? test.id.name : `${test.id.namespace}/${test.id.name}`;
    register({ name, fn: (context) => runRegistered(program, test, context) });
  }
}

async function runRegistered(
  program: Program,
  test: AnyFunctionTest,
  context: StepRunner,
): Promise<void> {
  if (test.type === "Broken") throw brokenError(test.diagnostics);
  const report = await runFunctionTest(program, test, { signal: new AbortController().signal });
  if (report.message !== undefined) throw placedError(report.message, report);
  for (const entry of report.cases) {
    await context.step({
      name: entry.result === "notRun" ? `${entry.label} (not run)` : entry.label,
      ignore: entry.result === "skipped" || entry.result === "notRun",
      fn: () => {
        if (entry.result === "fail") throw caseError(entry);
      },
    });
  }
}

/** The failure of a case: what differs, the outcomes, and where the case stands. */
function caseError(report: CaseReport): AssertionError {
  return placedError(caseLines(report).join("\n"), report);
}

function brokenError(diagnostics: readonly Diagnostic[]): AssertionError {
  const text = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n\n");
  return placedError(text, diagnostics[0]);
}

/** An error whose only frame is the place in the YAML: that of the throw tells nothing. */
function placedError(
  text: string,
  place: { readonly file: string; readonly line: number } | undefined,
): AssertionError {
  const at = place ? `at ${placeText(place)}` : "";
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const error = new AssertionError({ message: `${text}\n${at}` });
    // Runners show the message, and then what the stack has below its first line.
    error.stack = `AssertionError: ${text.split("\n")[0]}\n    ${at}`;
    return error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

interface BrokenPart {
  readonly name: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Broken definitions, and files with errors that belong to no definition. */
function brokenParts(program: Program): readonly BrokenPart[] {
  const broken = program.definitions.filter((definition): definition is BrokenDefinition =>
    definition.type === "Broken"
  );
  const told = new Set(broken.flatMap(({ diagnostics }) => diagnostics.map(diagnosticKey)));
  const rest = program.diagnostics.filter((diagnostic) =>
    diagnostic.severity === "error" && !told.has(diagnosticKey(diagnostic))
  );
  return [
    ...broken.filter(({ id }) => id.kind !== "FunctionTest").map(({ id, diagnostics }) => ({
      name: `${id.kind} ${id.namespace}/${id.name}`,
      diagnostics,
    })),
    ...[...new Set(rest.map(({ file }) => file))].map((file) => ({
      name: file,
      diagnostics: rest.filter((diagnostic) => diagnostic.file === file),
    })),
  ];
}

function diagnosticKey({ file, line, column, code }: Diagnostic): string {
  return `${file}:${line}:${column} ${code}`;
}
