// SPDX-License-Identifier: Apache-2.0

import type { DiagnosticCode } from "../../src/language/mod.ts";

/** Limits that only a run can exceed; their stored definitions hold a FunctionTest that does. */
export const RUN_TIME_LIMITS: readonly DiagnosticCode[] = [
  "cost-limit-exceeded",
  "string-too-long",
  "value-too-large",
  "too-many-items",
  "managed-resources-too-large",
  "pattern-too-costly",
];

/** Codes that no text of a definition can raise; `tests/cli/` raises them. */
export const CODES_WITHOUT_TEXT: readonly DiagnosticCode[] = ["unreadable-file", "skipped-file"];

/** Definitions beyond a limit that the text of a definition can exceed (LM-2 to LM-14). */
export const LIMIT_TEXTS: Readonly<Partial<Record<DiagnosticCode, string>>> = {
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
