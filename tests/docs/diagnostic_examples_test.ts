// SPDX-License-Identifier: Apache-2.0

import { deepEqual, ok } from "node:assert/strict";
import { DIAGNOSTIC_CODES, type DiagnosticCode, renderDiagnostic } from "../../src/language/mod.ts";
import { DIAGNOSTIC_ADVICE } from "../../tools/docs/diagnostic_advice.ts";
import { CODES_WITHOUT_TEXT } from "../golden/limit_texts.ts";
import { exampleOf, outcomesOf, programOf } from "../../tools/docs/diagnostic_examples.ts";

const CODES = Object.keys(DIAGNOSTIC_CODES) as DiagnosticCode[];

for (const code of CODES.filter((code) => !CODES_WITHOUT_TEXT.includes(code))) {
  Deno.test(`DG the bad example of ${code} gives it`, async () => {
    const { bad, raised } = exampleOf(code);
    const program = programOf(`${code}.yaml`, bad);
    const found = program.diagnostics.map((each) => each.code);
    if (raised === "reading") return ok(found.includes(code), found.join(", "));
    ok(program.diagnostics.every(({ severity }) => severity === "information"), found.join(", "));
    const outcomes = await outcomesOf(program);
    ok(outcomes.some((text) => text.includes(code)), outcomes.join("\n"));
  });

  Deno.test(`DG the good example of ${code} gives nothing`, async () => {
    const { good } = exampleOf(code);
    const program = programOf(`${code}.yaml`, good);
    const found = program.diagnostics.filter(({ severity }) => severity !== "information");
    deepEqual(found.map((each) => renderDiagnostic(each)), []);
    ok(!program.diagnostics.some((each) => each.code === code));
    const outcomes = await outcomesOf(program);
    ok(!outcomes.some((text) => text.includes(code)), outcomes.join("\n"));
  });
}

for (const code of CODES) {
  Deno.test(`DG a reader is told when ${code} is raised and what to do`, () => {
    const { when = "", next = "" } = DIAGNOSTIC_ADVICE[code] ?? {};
    ok(when.endsWith(".") && next.endsWith("."));
  });
}
