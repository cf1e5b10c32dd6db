// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { JsonValue } from "../../src/language/mod.ts";
import { compareExactly } from "../../src/testing/exact_equality.ts";

type Row = readonly [name: string, expected: JsonValue, actual: JsonValue];

const EQUAL: readonly Row[] = [
  ["numbers by value", [1, 9007199254740993n], [1.0, 9007199254740993n]],
  ["null and null", { a: null }, { a: null }],
  ["maps in any key order", { a: 1, b: 2 }, { b: 2, a: 1 }],
  ["a set in any order", { "x-koreo-compare-as-set": ["s"], s: [1, 2, 2] }, { s: [2, 1] }],
  [
    "a list of maps by key",
    { "x-koreo-compare-as-map": { m: ["n"] }, m: [{ n: "b" }, { n: "a", x: 1 }] },
    { m: [{ n: "a", x: 1 }, { n: "b" }] },
  ],
  ["with last-applied ignored", { "x-koreo-compare-last-applied": ["a"], a: 1 }, { a: 1 }],
  ["with directives of the actual value ignored", { s: [1] }, {
    "x-koreo-compare-as-set": ["s"],
    s: [1],
  }],
];

for (const [name, expected, actual] of EQUAL) {
  Deno.test(`FT-46 finds ${name} equal`, () => equal(compareExactly(expected, actual), undefined));
}

const DIFFERENT: readonly (readonly [...Row, tree: unknown])[] = [
  ["a missing key", { spec: { port: 1 } }, { spec: {} }, { spec: { port: "missing" } }],
  ["an unexpected key", { a: 1 }, { a: 1, b: null }, { b: "unexpected" }],
  ["a missing null", { a: null }, {}, { a: "missing" }],
  ["another number", { p: 80 }, { p: 81 }, { p: "expected '`80`' but found '`81`'" }],
  ["another string", ["y"], ["x"], ["expected '`y`' but found '`x`'"]],
  ["another bool", { b: true }, { b: false }, { b: "expected `true` but found `false`" }],
  ["another kind", { a: {} }, { a: "x" }, { a: "expected `object` but found `string`" }],
  ["null for a list", [null], [[]], ["expected `null` but found `array`"]],
  ["a number for a bool", [true], [1], ["expected `bool` but found `number`"]],
  ["a text for a number", [1], ["1"], ["expected `number` but found `string`"]],
  ["lists of other lengths", [1], [1, 2], "<length mismatch target:1, actual:2"],
  ["an item, with null for equal ones", [1, 2, 3], [1, 5, 3], [
    null,
    "expected '`2`' but found '`5`'",
    null,
  ]],
  ["a set that lacks a member", { "x-koreo-compare-as-set": ["s"], s: [1, "a"] }, { s: [1] }, {
    s: "<missing 'a'>",
  }],
  ["a set with one more", { "x-koreo-compare-as-set": ["s"], s: [1] }, { s: [1, true] }, {
    s: "<unexpectedly found 'true'>",
  }],
  ["a set of maps", { "x-koreo-compare-as-set": ["s"], s: [{}] }, { s: [{}] }, {
    s: "Could not compare array-as-set, try: `x-koreo-compare-as-map`",
  }],
  [
    "keyed items both ways",
    { "x-koreo-compare-as-map": { m: ["n"] }, m: [{ n: "a", v: 1 }, { n: "b" }] },
    { m: [{ n: "c" }, { n: "a", v: 2 }] },
    { m: { a: { v: "expected '`1`' but found '`2`'" }, b: "missing", c: "unexpected" } },
  ],
  [
    "by key when both directives name it",
    { "x-koreo-compare-as-set": ["m"], "x-koreo-compare-as-map": { m: ["n"] }, m: [{ n: 1 }] },
    { m: [{ n: 2 }] },
    { m: { "1": "missing", "2": "unexpected" } },
  ],
];

for (const [name, expected, actual, tree] of DIFFERENT) {
  Deno.test(`FT-46 reports ${name}`, () => deepEqual(compareExactly(expected, actual), tree));
}

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;

Deno.test("FT-46 every value equals its own copy", () => {
  fc.assert(fc.property(json, (value) => {
    equal(compareExactly(value, structuredClone(value) as JsonValue), undefined);
  }));
});

Deno.test("FT-46 equality does not depend on which side is the expectation", () => {
  fc.assert(fc.property(json, json, (one, other) => {
    equal(compareExactly(one, other) === undefined, compareExactly(other, one) === undefined);
  }));
});
