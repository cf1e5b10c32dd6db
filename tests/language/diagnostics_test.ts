// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import {
  compileProgram,
  DIAGNOSTIC_CODES,
  type DiagnosticCode,
  readDocuments,
  renderDiagnostic,
} from "../../src/language/mod.ts";
import { runFunctionTests } from "../../src/testing/mod.ts";
import { CODES_WITHOUT_TEXT, LIMIT_TEXTS, RUN_TIME_LIMITS } from "../golden/limit_texts.ts";

const DIRECTORY = new URL("../golden/diagnostics/", import.meta.url);

/** Set to write what is found instead of comparing with it. */
const isUpdating = Deno.env.get("UPDATE_GOLDEN") === "1";

/** What is said of a text: diagnostics, each as it is shown. */
function framesOf(code: DiagnosticCode, text: string): readonly Shown[] {
  const program = compileProgram(readDocuments({ path: `${code}.yaml`, text }));
  return program.diagnostics.map((found) => ({ code: found.code, text: renderDiagnostic(found) }));
}

interface Shown {
  readonly code: string;
  readonly text: string;
}

/** What the FunctionTests of a text come to; an outcome names the limit it exceeds (LM-1). */
async function outcomesOf(code: DiagnosticCode, text: string): Promise<readonly Shown[]> {
  const program = compileProgram(readDocuments({ path: `${code}.yaml`, text }));
  const { tests } = await runFunctionTests(program, { signal: new AbortController().signal });
  return tests.flatMap(({ cases }) => cases).map(({ actual = "" }) => ({
    code: actual.includes(code) ? code : "",
    text: actual,
  }));
}

function stored(name: string): string {
  return Deno.readTextFileSync(new URL(name, DIRECTORY));
}

for (const code of Object.keys(DIAGNOSTIC_CODES) as DiagnosticCode[]) {
  if (CODES_WITHOUT_TEXT.includes(code)) continue;
  const limit = LIMIT_TEXTS[code];
  const rule = limit === undefined && !RUN_TIME_LIMITS.includes(code) ? "DG" : "LM";
  Deno.test(`${rule} ${code} is reported at the place to change`, async () => {
    const text = limit ?? stored(`${code}.yaml`);
    const found = RUN_TIME_LIMITS.includes(code)
      ? await outcomesOf(code, text)
      : framesOf(code, text);
    ok(found.some((each) => each.code === code), `not raised by ${code}.yaml`);
    const shown = found.map((each) => `${each.text}\n`).join("\n");
    if (isUpdating) Deno.writeTextFileSync(new URL(`${code}.txt`, DIRECTORY), shown);
    else equal(shown, stored(`${code}.txt`));
  });
}

Deno.test("DG every stored case belongs to a code", () => {
  const codes = Object.keys(DIAGNOSTIC_CODES);
  const stray = [...Deno.readDirSync(DIRECTORY)].map(({ name }) =>
    name.replace(/(\.good)?\.\w+$/, "")
  )
    .filter((name) => !codes.includes(name));
  deepEqual(stray, []);
});
