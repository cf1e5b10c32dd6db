// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseExactJson, printExactJson } from "../../../src/adapters/kubernetes/exact_json.ts";

const CASES = [
  { name: "keeps a small whole number", text: "[42]", value: [42] },
  {
    name: "keeps the largest safe whole number",
    text: "[9007199254740991]",
    value: [9007199254740991],
  },
  {
    name: "reads the first unsafe one exactly",
    text: "[9007199254740993]",
    value: [9007199254740993n],
  },
  {
    name: "reads the largest int64",
    text: '{"generation":9223372036854775807}',
    value: { generation: 9223372036854775807n },
  },
  {
    name: "reads the smallest int64",
    text: "[-9223372036854775808]",
    value: [-9223372036854775808n],
  },
  { name: "leaves what int64 cannot hold", text: "[9223372036854775808]", value: [2 ** 63] },
  { name: "leaves fractions", text: "[0.12345678901234567]", value: [0.12345678901234567] },
  {
    name: "leaves digits in a string",
    text: '["1234567890123456789"]',
    value: ["1234567890123456789"],
  },
] as const;

for (const { name, text, value } of CASES) {
  Deno.test(`parseExactJson() ${name}`, () => deepEqual(parseExactJson(text), value));
}

Deno.test("parseExactJson() keeps __proto__ as a key, with and without long numbers", () => {
  for (const text of ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1},"n":9007199254740993}']) {
    const parsed = parseExactJson(text);
    equal(Object.hasOwn(parsed as object, "__proto__"), true);
    equal(printExactJson(parsed), text);
  }
});

Deno.test("parseExactJson() throws for what is no JSON", () => {
  throws(() => parseExactJson("<html>"), SyntaxError);
});

Deno.test("printExactJson() writes what parseExactJson() reads as the same value", () => {
  const number = fc.oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .filter((whole) => !Number.isSafeInteger(Number(whole))),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      number,
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value")),
      fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true }),
    ),
  }));
  fc.assert(fc.property(value, (json) => {
    deepEqual(parseExactJson(printExactJson(json as never)), json);
  }));
});
