// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { CelDouble, isFault, type Value } from "../../src/language/mod.ts";
import { jsonText, parseJsonText } from "../../src/language/json_text.ts";
import { mergeMaps } from "../../src/language/merge.ts";

const SORTED: readonly (readonly [given: Value, text: string])[] = [
  [null, "null"],
  [true, "true"],
  [[], "[]"],
  [{}, "{}"],
  [{ b: 1, a: [2, "x"] }, '{"a": [2, "x"], "b": 1}'],
  [{ "\u{10000}": 1, "\uffff": 2 }, '{"\\uffff": 2, "\\ud800\\udc00": 1}'],
  ['é\u007f\u0001"\\\b\f\n\r\t/', '"\\u00e9\\u007f\\u0001\\"\\\\\\b\\f\\n\\r\\t/"'],
  [9223372036854775807n, "9223372036854775807"],
  [new CelDouble(2), "2.0"],
  [new CelDouble(-0), "-0.0"],
  [0.1, "0.1"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [0.0000015, "1.5e-06"],
  [new CelDouble(1e15), "1000000000000000.0"],
  [new CelDouble(1e16), "1e+16"],
  [1.5e300, "1.5e+300"],
  [1e20, "1e+20"],
];

for (const [given, text] of SORTED) {
  Deno.test(`FN-41 writes ${text}`, () => equal(jsonText(given, { order: "sorted" }), text));
}

Deno.test("FN-42 keeps the order of the map", () => {
  equal(
    jsonText({ b: { d: 1, c: 2 }, a: 3 }, { order: "insertion" }),
    '{"b": {"d": 1, "c": 2}, "a": 3}',
  );
});

Deno.test("FN-41 gives up a text that is longer than allowed", () => {
  const text = jsonText(["aaaa", "bbbb", "cccc"], { order: "sorted", maxLength: 10 });
  equal(isFault(text) && text.code, "string-too-long");
});

Deno.test("FN-37 reads back what FN-41 writes", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const given = JSON.parse(JSON.stringify(value));
    const text = jsonText(given, { order: "insertion" });
    const plain = (read: unknown) => JSON.stringify(read);
    equal(plain(JSON.parse(String(text))), plain(given));
    equal(isFault(parseJsonText(String(text))), false);
  }));
});

Deno.test("FN-37 refuses what is not one JSON text", () => {
  for (
    const text of [
      "",
      " ",
      "{",
      "[1,]",
      "'a'",
      "NaN",
      "01",
      "1 1",
      "9223372036854775808",
      "1e999",
      '"\n"',
    ]
  ) {
    equal(isFault(parseJsonText(text)), true, text);
  }
});

Deno.test("FN-25 merges deeply, sets null, replaces lists, keeps the order of keys", () => {
  const base = { b: { x: 1, y: [1] }, a: 1, c: null };
  const merged = mergeMaps(base, { d: 1, b: { y: [2], z: null }, a: { n: 1 }, c: {} });
  deepEqual(merged, { b: { x: 1, y: [2], z: null }, a: { n: 1 }, c: {}, d: 1 });
  deepEqual(Object.keys(merged), ["b", "a", "c", "d"]);
  deepEqual(base, { b: { x: 1, y: [1] }, a: 1, c: null });
});

Deno.test("FN-25 a key named __proto__ is a key like any other", () => {
  const over = JSON.parse('{"__proto__": {"polluted": true}}');
  const merged = mergeMaps({}, over);
  equal(Object.hasOwn(merged, "__proto__"), true);
  equal(({} as Record<string, unknown>).polluted, undefined);
});
