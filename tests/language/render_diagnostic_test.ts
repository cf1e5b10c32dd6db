// SPDX-License-Identifier: Apache-2.0

import { equal, ok } from "node:assert/strict";
import { type Diagnostic, nearestName, renderDiagnostic } from "../../src/language/mod.ts";
import { programOf } from "./definitions.ts";

const DIAGNOSTIC: Diagnostic = {
  severity: "error",
  code: "unknown-step",
  message: 'Cannot use step "confg": no step has this label',
  file: "bucket.koreo",
  line: 14,
  column: 22,
  excerpt: { text: "        name: =steps.confg.name", endColumn: 27 },
  help: 'other steps are "config" and "labels"',
};

Deno.test("a diagnostic shows its place, message, marked line and help", () => {
  equal(
    renderDiagnostic(DIAGNOSTIC),
    `bucket.koreo:14:22 error unknown-step
Cannot use step "confg": no step has this label
 14 |         name: =steps.confg.name
    |                      ^^^^^
 help: other steps are "config" and "labels"`,
  );
});

Deno.test("colours are used only when asked for", () => {
  ok(!renderDiagnostic(DIAGNOSTIC).includes("\x1b"));
  ok(renderDiagnostic(DIAGNOSTIC, { color: true }).includes("\x1b[31merror\x1b[0m"));
});

Deno.test("the mark stands under wide characters and after tabs", () => {
  const rendered = renderDiagnostic({
    ...DIAGNOSTIC,
    column: 5,
    excerpt: { text: "a\t日本x", endColumn: 6 },
  });
  ok(rendered.includes("a·日本x\n    |       ^\n"), rendered);
});

Deno.test("control characters of a definition cannot steer a terminal", () => {
  const rendered = renderDiagnostic({
    ...DIAGNOSTIC,
    message: "bad \x1b[2J\nname",
    file: "a\u202eb",
    excerpt: { text: "\x1b]0;x\x07", endColumn: 30 },
  });
  // deno-lint-ignore no-control-regex -- control characters are what must not be there
  ok(!/[\x00-\x09\x0b-\x1f\u202e]/.test(rendered), JSON.stringify(rendered));
});

Deno.test("a long line is cut around the mark", () => {
  const text = `${"x".repeat(300)}HERE${"y".repeat(300)}`;
  const rendered = renderDiagnostic({
    ...DIAGNOSTIC,
    column: 301,
    excerpt: { text, endColumn: 305 },
  });
  const lines = rendered.split("\n");
  ok(lines.every((line) => line.length < 140));
  equal(lines[2]?.indexOf("HERE"), lines[3]?.indexOf("^^^^"));
});

Deno.test("a diagnostic of data without text has no frame", () => {
  const { excerpt: _excerpt, ...bare } = DIAGNOSTIC;
  equal(renderDiagnostic(bare).split("\n").length, 3);
});

Deno.test("what is rendered marks the text that the message names", () => {
  const text =
    "apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\nmetadata: {name: a}\nspec:\n  return:\n" +
    '    x: "😀 text"\n    y1: "=inputs.a + \\"é\\" + wrong.b"\n';
  const [found] = programOf(text).diagnostics;
  ok(
    found &&
      renderDiagnostic(found).includes(
        '    y1: "=inputs.a + \\"é\\" + wrong.b"\n   |                              ^^^^^',
      ),
  );
});

const NAMES = [
  ["confg", ["labels", "config"], "config"],
  ["Config", ["config"], "config"],
  ["naem", ["name", "game"], "name"],
  ["x", ["y", "abc"], "y"],
  ["banana", ["config", "labels"], undefined],
  ["", ["a"], undefined],
  ["same", ["same"], undefined],
] as const;

for (const [name, known, expected] of NAMES) {
  Deno.test(`the name nearest to "${name}" of ${known.join(", ")} is ${expected}`, () => {
    equal(nearestName(name, known), expected);
  });
}
