// SPDX-License-Identifier: Apache-2.0

import { equal, match } from "node:assert/strict";
import { mismatch } from "./matchers.ts";

const AGREES: readonly (readonly [string, unknown, unknown])[] = [
  ["equal maps in any key order", { a: 1, b: [true, null] }, { b: [true, null], a: 1.0 }],
  ["$contains", { $contains: ["a", "c"], $raw: "x" }, "abc"],
  ["$any", { a: { $any: true, $raw: "x" } }, { a: [1] }],
  ["$json text", { $json: { a: [1] } }, '{"a": [1]}'],
  ["$json already structured", { $json: {} }, {}],
  ["$anyOrder", { $anyOrder: [1, { a: 2 }] }, [{ a: 2 }, 1]],
  ["$number", { $number: "inf" }, Infinity],
  ["informative keys", { a: 1, $raw: "x", $seenToo: 1 }, { a: 1 }],
  ["whole numbers beyond the safe range", 9007199254740993n, 9007199254740993n],
];

for (const [name, expected, actual] of AGREES) {
  Deno.test(`mismatch() accepts ${name}`, () => equal(mismatch(expected, actual), undefined));
}

const DIFFERS: readonly (readonly [string, unknown, unknown, RegExp])[] = [
  ["a missing key", { a: { b: 1 } }, { a: {} }, /^\$\.a\.b: expected 1, found nothing$/],
  ["an extra key", { a: 1 }, { a: 1, c: 2 }, /^\$\.c: expected nothing, found 2$/],
  ["a number for a text", ["1"], [1], /^\$\[0\]: expected "1", found 1$/],
  ["true for 1", 1, true, /expected 1, found true/],
  ["null for an absent key", { a: null }, {}, /^\$\.a: expected null, found nothing$/],
  ["a missing part", { $contains: ["a", "z"] }, "abc", /\$contains/],
  ["a text that is not JSON", { $json: 1 }, "x", /\$json/],
  ["other JSON", { $json: { a: 1 } }, '{"a":2}', /^\$<json>\.a/],
  ["an item used twice", { $anyOrder: [1, 1] }, [1, 2], /any/],
  ["a finite number", { $number: "inf" }, 1, /inf/],
  ["another length", [1], [1, 2], /found \[1,2\]/],
];

for (const [name, expected, actual, text] of DIFFERS) {
  Deno.test(`mismatch() reports ${name}`, () => match(mismatch(expected, actual) ?? "", text));
}
