// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { documentTexts } from "../../../src/cli/diff/definition_text.ts";
import { unifiedDiff } from "../../../src/cli/diff/unified_diff.ts";
import type { JsonValue } from "../../../src/language/mod.ts";

Deno.test("unifiedDiff() shows hunks with three lines around them, and nothing for equal texts", () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  const changed = lines.with(10, "another");
  const text = (all: readonly string[]) => `${all.join("\n")}\n`;
  equal(
    unifiedDiff(text(lines), text(changed)),
    "@@ -8,7 +8,7 @@\n line 7\n line 8\n line 9\n-line 10\n+another\n line 11\n line 12\n line 13\n",
  );
  equal(unifiedDiff(text(lines), text(lines)), "");
});

Deno.test("unifiedDiff() takes texts that have too little in common for replaced", () => {
  const text = (word: string) =>
    `${Array.from({ length: 1_500 }, (_, i) => `${word} ${i}`).join("\n")}\n`;
  const lines = unifiedDiff(text("old"), text("new")).trimEnd().split("\n");
  deepEqual([lines.length, lines[0], lines[1], lines[1_501]], [
    3_001,
    "@@ -1,1500 +1,1500 @@",
    "-old 0",
    "+new 0",
  ]);
});

const template = (kind: string, data: JsonValue): JsonValue => ({
  spec: { template: { kind, data } },
});

const SECRETS: readonly (readonly [
  name: string,
  from: JsonValue | undefined,
  to: JsonValue | undefined,
  shown: readonly [string | undefined, string | undefined],
])[] = [
  ["that changed", { a: "one" }, { a: "two" }, ["a: (hidden)", "a: (hidden, changed)"]],
  ["that did not change", { a: "one" }, { a: "one" }, ["a: (hidden)", "a: (hidden)"]],
  ["that are new", undefined, { a: "one" }, [undefined, "a: (hidden)"]],
  ["that are computed", { a: "=inputs.a" }, { a: "=inputs.b" }, ["a: =inputs.a", "a: =inputs.b"]],
  ["in lists", { a: ["x", 1] }, { a: ["x", 2] }, [
    "a:\n        - (hidden)\n        - (hidden)",
    "a:\n        - (hidden)\n        - (hidden, changed)",
  ]],
];

for (const [name, from, to, [old, now]] of SECRETS) {
  Deno.test(`documentTexts() hides data of a Secret ${name}`, () => {
    const head = "spec:\n  template:\n    kind: Secret\n    data:\n      ";
    const texts = documentTexts({
      ...(from === undefined ? {} : { from: template("Secret", from) }),
      ...(to === undefined ? {} : { to: template("Secret", to) }),
    });
    deepEqual(texts, {
      ...(old === undefined ? {} : { from: `${head}${old}\n` }),
      ...(now === undefined ? {} : { to: `${head}${now}\n` }),
    });
  });
}

Deno.test("documentTexts() shows the data of other kinds", () => {
  deepEqual(documentTexts({ to: template("ConfigMap", { a: "one" }) }), {
    to: "spec:\n  template:\n    kind: ConfigMap\n    data:\n      a: one\n",
  });
});
