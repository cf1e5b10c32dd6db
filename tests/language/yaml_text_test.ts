// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { documentValue, type JsonValue, readDocuments, yamlText } from "../../src/language/mod.ts";

/** What the language reads of a value that was written out. */
function readBack(value: JsonValue): JsonValue | undefined {
  const [document] = readDocuments({ path: "x.yaml", text: yamlText(value) }, {
    withForeign: true,
  });
  deepEqual(document?.diagnostics.filter(({ severity }) => severity !== "information"), []);
  return document && documentValue(document);
}

Deno.test("yamlText() reads back as the same value", () => {
  const values = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 8 }).filter((key) => !["__proto__", "<<"].includes(key)),
    fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>,
    { minKeys: 1 },
  );
  fc.assert(fc.property(values, (value) => {
    const plain = JSON.parse(JSON.stringify(value));
    deepEqual(JSON.parse(JSON.stringify(readBack(plain), asNumber)), plain);
  }));
});

/** Whole numbers beyond the safe range are read exactly; JSON of the test library has none. */
function asNumber(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

const TEXTS = [
  "=inputs.parent.metadata.name + '-page'",
  "=inputs.a ? 'x: y' : \"# no comment\"",
  "off",
  "12:30",
  "0x10",
  "1e3",
  "~",
  "null",
  "- item",
  " spaces at both ends ",
  "two\nlines\n",
  "tab\there",
  "---",
  "",
  "a very long line ".repeat(40),
];

for (const text of TEXTS) {
  Deno.test(`yamlText() keeps the text ${JSON.stringify(text.slice(0, 40))}`, () => {
    deepEqual(readBack({ spec: { text } }), { spec: { text } });
  });
}

Deno.test("yamlText() keeps whole numbers beyond the safe range, and the order of keys", () => {
  const value = { b: 12345678901234567890n, a: 1, list: [{ z: 1, x: [] }, {}] } as const;
  equal(
    yamlText(value as unknown as JsonValue),
    "b: 12345678901234567890\na: 1\nlist:\n  - z: 1\n    x: []\n  - {}\n",
  );
});
