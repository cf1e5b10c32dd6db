// SPDX-License-Identifier: Apache-2.0

import { testKeys } from "../../controller/mod.ts";
import type { Program } from "../../language/mod.ts";
import type { Abortable } from "../../runtime/ports.ts";
import {
  type AnyFunctionTest,
  functionTestsOf,
  gateVerdict,
  runFunctionTest,
} from "../../testing/mod.ts";

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
  options: Abortable,
): Promise<readonly TestChange[]> {
  const [old, now] = [testsOf(from), testsOf(to)];
  const changes: TestChange[] = [];
  for (const key of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [before, after] = [old.get(key), now.get(key)];
    if (before?.content === after?.content) continue;
    const id = (after ?? before)?.test.id;
    if (id === undefined) continue;
    const [was, is] = [
      before && await resultOf(from, before.test, options),
      after && await resultOf(to, after.test, options),
    ];
    changes.push({
      namespace: id.namespace,
      name: id.name,
      turn: turnOf(was, is),
      ...(was === undefined ? {} : { from: was }),
      ...(is === undefined ? {} : { to: is }),
    });
  }
  return changes;
}

/** What became of a test that ended like this on both sides; absent where there is none. */
export function turnOf(from: SideResult | undefined, to: SideResult | undefined): TestTurn {
  if (to === undefined) return "deleted";
  if (!to.pass) return from?.pass === false ? "stillFailing" : "newlyFailing";
  if (from === undefined) return "added";
  return from.pass ? "stillPassing" : "fixed";
}

interface KnownTest {
  readonly test: AnyFunctionTest;
  /** Differs when the result may. */
  readonly content: string;
}

function testsOf(program: Program): ReadonlyMap<string, KnownTest> {
  const keyOf = testKeys(program);
  return new Map(
    functionTestsOf(program).map((test) => {
      const { namespace, name } = test.id;
      const content = test.type === "Broken" ? `broken ${test.digest}` : keyOf(test);
      return [`${namespace}/${name}`, { test, content }];
    }),
  );
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
