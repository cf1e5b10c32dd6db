// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import {
  compileProgram,
  DIAGNOSTIC_CODES,
  type DiagnosticCode,
  readDocuments,
  renderDiagnostic,
} from "../../src/language/mod.ts";
import { LIMIT_TEXTS } from "../golden/limit_texts.ts";

const DIRECTORY = new URL("../golden/diagnostics/", import.meta.url);

/** Set to write what is found instead of comparing with it. */
const isUpdating = Deno.env.get("UPDATE_GOLDEN") === "1";

/** Codes that only a run can raise. */
const AT_RUN_TIME: readonly DiagnosticCode[] = [
  "cost-limit-exceeded",
  "string-too-long",
  "value-too-large",
  "too-many-items",
  "managed-resources-too-large",
  "pattern-too-costly",
];

function renderedOf(path: string, text: string): readonly { code: string; frame: string }[] {
  const program = compileProgram(readDocuments({ path, text }));
  return program.diagnostics.map((found) => ({ code: found.code, frame: renderDiagnostic(found) }));
}

for (const code of Object.keys(DIAGNOSTIC_CODES) as DiagnosticCode[]) {
  if (AT_RUN_TIME.includes(code)) continue;
  const limit = LIMIT_TEXTS[code];
  if (limit !== undefined) {
    Deno.test(`LM ${code} is reported for a text beyond the limit`, () => {
      const found = renderedOf(`${code}.yaml`, limit);
      ok(found.some((each) => each.code === code), JSON.stringify(found));
    });
    continue;
  }
  Deno.test(`DG ${code} is reported at the place to change`, () => {
    const text = Deno.readTextFileSync(new URL(`${code}.yaml`, DIRECTORY));
    const found = renderedOf(`${code}.yaml`, text);
    ok(found.some((each) => each.code === code), `not raised by ${code}.yaml`);
    const rendered = found.map(({ frame }) => `${frame}\n`).join("\n");
    const expected = new URL(`${code}.txt`, DIRECTORY);
    if (isUpdating) Deno.writeTextFileSync(expected, rendered);
    else equal(rendered, Deno.readTextFileSync(expected));
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
