// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import {
  compileProgram,
  DIAGNOSTIC_CODES,
  type DiagnosticCode,
  readDocuments,
  renderDiagnostic,
} from "../../src/language/mod.ts";

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

/** Limits whose provoking text is made here rather than stored. */
const LIMITS: Readonly<Partial<Record<DiagnosticCode, string>>> = {
  "document-too-large": `${head("ValueFunction")}spec:\n  return: {x: "${"a".repeat(1 << 20)}"}\n`,
  "too-many-aliases": `${
    head("ValueFunction")
  }spec:\n  return:\n    a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1]\n${
    Array.from({ length: 6 }, (_, n) => {
      const alias = `*a${n}`;
      return `    a${n + 1}: &a${n + 1} [${Array(8).fill(alias).join(", ")}]\n`;
    }).join("")
  }`,
  "nesting-too-deep": `${head("ValueFunction")}spec:\n  return: {x: ${"[".repeat(101)}${
    "]".repeat(101)
  }}\n`,
  "expression-too-long": `${head("ValueFunction")}spec:\n  return: {x: "=${
    "1 + ".repeat(9000)
  }1"}\n`,
  "expression-too-deep": `${head("ValueFunction")}spec:\n  return: {x: "=${"(".repeat(201)}1${
    ")".repeat(201)
  }"}\n`,
  "too-many-predicates": `${head("ValueFunction")}spec:\n  preconditions:\n${
    "  - {assert: =true, ok: {}}\n".repeat(21)
  }`,
  "too-many-steps": `${head("Workflow")}spec:\n  steps:\n${
    Array.from({ length: 101 }, (_, n) =>
      `  - {label: step${n}, ref: {kind: ValueFunction, name: a.v1}}\n`).join("")
  }`,
  "too-many-test-cases": `${
    head("FunctionTest")
  }spec:\n  functionRef: {kind: ValueFunction, name: a.v1}\n  testCases:\n${
    "  - expectReturn: {x: 1}\n".repeat(201)
  }`,
  "workflow-too-deep": Array.from(
    { length: 18 },
    (_, n) =>
      `${
        head("Workflow", `w${n}`)
      }spec:\n  steps:\n  - label: sub\n    ref: {kind: Workflow, name: w${n + 1}}\n`,
  ).join("---\n"),
};

function head(kind: string, name = "a.v1"): string {
  return `apiVersion: koreo.dev/v1beta1\nkind: ${kind}\nmetadata: {name: ${name}}\n`;
}

function renderedOf(path: string, text: string): readonly { code: string; frame: string }[] {
  const program = compileProgram(readDocuments({ path, text }));
  return program.diagnostics.map((found) => ({ code: found.code, frame: renderDiagnostic(found) }));
}

for (const code of Object.keys(DIAGNOSTIC_CODES) as DiagnosticCode[]) {
  if (AT_RUN_TIME.includes(code)) continue;
  const limit = LIMITS[code];
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
  const stray = [...Deno.readDirSync(DIRECTORY)].map(({ name }) => name.replace(/\.\w+$/, ""))
    .filter((name) => !codes.includes(name));
  deepEqual(stray, []);
});
