// SPDX-License-Identifier: Apache-2.0

import {
  compileProgram,
  type DiagnosticCode,
  type Program,
  readDocuments,
} from "../../src/language/mod.ts";
import { runFunctionTests } from "../../src/testing/mod.ts";
import { LIMIT_TEXTS, RUN_TIME_LIMITS } from "../../tests/golden/limit_texts.ts";

const DIRECTORY = new URL("../../tests/golden/diagnostics/", import.meta.url);

/** Definitions that raise a code, and their repaired form. */
export interface DiagnosticExample {
  readonly bad: string;
  readonly good: string;
  /** Whether compiling raises the code, or only a run. */
  readonly raised: "reading" | "running";
  /** Whether the bad one is short enough to be read. */
  readonly isShown: boolean;
}

/**
 * The example of a code: the golden pair that tests its frame, and its repaired form.
 *
 * @throws {TypeError} If a code has none: it could not be documented
 */
export function exampleOf(code: DiagnosticCode): DiagnosticExample {
  const limit = LIMIT_TEXTS[code];
  return {
    bad: limit ?? stored(`${code}.yaml`),
    good: stored(`${code}.good.yaml`),
    raised: RUN_TIME_LIMITS.includes(code) ? "running" : "reading",
    isShown: limit === undefined,
  };
}

/** Whether a code has an example. */
export function hasExample(code: DiagnosticCode): boolean {
  try {
    exampleOf(code);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function stored(name: string): string {
  try {
    return Deno.readTextFileSync(new URL(name, DIRECTORY));
  } catch (cause) {
    throw new TypeError(`Cannot find the example tests/golden/diagnostics/${name}`, { cause });
  }
}

/** What an example compiles to. */
export function programOf(path: string, text: string): Program {
  return compileProgram(readDocuments({ path, text }));
}

/** What the tests of an example come to, as text; throws when one of them fails. */
export async function outcomesOf(program: Program): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const { tests } = await runFunctionTests(program, { signal });
  return tests.flatMap(({ name, message, cases }) => {
    if (message !== undefined) throw new TypeError(`Cannot run ${name}: ${message}`);
    return cases.map((each) => {
      if (each.result !== "pass") throw new TypeError(`${name} fails: ${each.actual}`);
      return each.actual ?? "";
    });
  });
}
