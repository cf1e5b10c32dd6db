// SPDX-License-Identifier: Apache-2.0

import { definitionKey, type Program } from "../../language/mod.ts";
import type { Abortable } from "../../runtime/ports.ts";
import {
  type AnyFunctionTest,
  functionTestsOf,
  gateVerdict,
  runFunctionTest,
} from "../../testing/mod.ts";
import { reachedDifferences } from "./definition_contents.ts";

/** How a test ended on one side. */
export interface SideResult {
  readonly pass: boolean;
  /** Why it failed. */
  readonly message?: string;
  /** The first case that failed. */
  readonly case?: string;
  readonly file: string;
  readonly line: number;
}

/** What became of a test, in one word. */
export type TestTurn =
  /** Passed, or was not there, and fails now. */
  | "newlyFailing"
  /** Failed and passes now. */
  | "fixed"
  | "stillFailing"
  | "stillPassing"
  /** New, and passes. */
  | "added"
  | "deleted";

/** A FunctionTest that differs, or whose Function does, with its results. */
export interface TestChange {
  readonly namespace: string;
  readonly name: string;
  readonly turn: TestTurn;
  readonly from?: SideResult;
  readonly to?: SideResult;
}

/** Runs the FunctionTests that what changed can have made another result of, on both sides. */
export async function compareTests(
  from: Program,
  to: Program,
  { differing, signal }: Abortable & { readonly differing: ReadonlySet<string> },
): Promise<readonly TestChange[]> {
  const [old, now] = [testsOf(from), testsOf(to)];
  const changes: TestChange[] = [];
  for (const key of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [before, after] = [old.get(key), now.get(key)];
    const test = after ?? before;
    if (test === undefined || !isConcerned(test, [from, to], differing)) continue;
    const [was, is] = [
      before && await resultOf(from, before, { signal }),
      after && await resultOf(to, after, { signal }),
    ];
    changes.push({
      namespace: test.id.namespace,
      name: test.id.name,
      turn: turnOf(was, is),
      ...(was === undefined ? {} : { from: was }),
      ...(is === undefined ? {} : { to: is }),
    });
  }
  return changes;
}

/** Whether the test differs, or anything that its Function reaches from where it stands. */
function isConcerned(
  test: AnyFunctionTest,
  [from, to]: readonly [Program, Program],
  differing: ReadonlySet<string>,
): boolean {
  if (differing.has(definitionKey(test.id))) return true;
  const tested = test.type === "Broken" ? test.test?.functionRef : test.functionRef;
  if (tested === undefined) return false;
  const { namespace } = test.id;
  const views = [from.startingAt(namespace), to.startingAt(namespace)] as const;
  return reachedDifferences(views, tested, differing).length > 0;
}

/** What became of a test that ended like this on both sides; absent where there is none. */
function turnOf(from: SideResult | undefined, to: SideResult | undefined): TestTurn {
  if (to === undefined) return "deleted";
  if (!to.pass) return from?.pass === false ? "stillFailing" : "newlyFailing";
  if (from === undefined) return "added";
  return from.pass ? "stillPassing" : "fixed";
}

function testsOf(program: Program): ReadonlyMap<string, AnyFunctionTest> {
  return new Map(functionTestsOf(program).map((test) => [definitionKey(test.id), test]));
}

async function resultOf(
  program: Program,
  test: AnyFunctionTest,
  { signal }: Abortable,
): Promise<SideResult> {
  const verdict = gateVerdict(await runFunctionTest(program, test, { signal }));
  const { file, line } = test.source;
  if (verdict.passed) return { pass: true, file, line };
  return {
    pass: false,
    message: verdict.reason ?? "FunctionTest failed",
    ...(verdict.case === undefined ? {} : { case: verdict.case }),
    file: verdict.file ?? file,
    line: verdict.line ?? line,
  };
}
