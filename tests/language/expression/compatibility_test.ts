// SPDX-License-Identifier: Apache-2.0

/** Rows of chapter 17 that one expression shows: what it gives here, or the code it fails with. */

import { deepEqual, equal } from "node:assert/strict";
import type { JsonValue } from "../../../src/language/mod.ts";
import { faultOf, json } from "./evaluate.ts";

const VARIABLES = {
  inputs: { s: "abc", n: null, l: [{ ports: [{ p: 1 }] }], m: { a: 1, deep: { x: null } } },
};

const GIVES: readonly (readonly [row: string, source: string, expected: JsonValue])[] = [
  ["D2d", "'aB'.toLower() + 'aB'.toUpper()", "abAB"],
  ["D2d", "[{'a': 1}.keys(), {'a': 1}.values()]", [["a"], [1]]],
  ["D2d", "inputs.?gone.orValue('none')", "none"],
  ["D2d", "[1, 2].map(x, x > 1, x * 10)", [20]],
  ["D19d", "group_ref({'apiVersion': 'v1', 'kind': 'A', 'name': 'n'})", { kind: "A", name: "n" }],
  [
    "D19d",
    "group_ref({'apiVersion': 'apps/v1', 'kind': 'A', 'name': 'n'})",
    { apiGroup: "apps", kind: "A", name: "n" },
  ],
  ["X20", "flatten([])", []],
  ["X21", "config_connect_ready({'status': null})", false],
  ["X21", "config_connect_ready(null) || config_connect_ready(1)", false],
  ["X22", "to_json([true, 1])", "[true, 1]"],
  ["EX-39", "has(inputs.l[0].ports[0].p) && size(null) == 0 && '\\.' == r'\\.'", true],
  ["EX-39", "'ab'.matches('a(?=b)')", true],
  ["Y1", "has(inputs.gone.deeper[0].x)", false],
  ["Y1", "has(inputs.l[0].ports[0].p)", true],
  ["Y1", "has(inputs.l[7].ports)", false],
  ["Y1", "has(inputs.m.deep.x)", true],
  ["Y2", "size(null)", 0],
  ["Y2", "size(inputs.n) == 0 && inputs.n.size() == 0", true],
  ["Y3", "'\\d\\.'", "\\d\\."],
  ["Y3", "'1.5'.matches('^\\d\\.\\d$')", true],
  ["Y4", "'foobar'.matches('^(?!bar).*(?<=o)bar')", true],
  ["Y4", "'barbar'.matches('^(?!bar)')", false],
  ["Y5", "[1, 2, 3].reduce(acc, x, 0, acc + x)", 6],
  ["Y5", "[3, 1, 2].min()", 1],
  ["Y5", "[1, 2].contains(2) && {'a': 1}.contains('a')", true],
  ["Y5", "split_index('a,b,c', ',', -1)", "c"],
  ["Y5", "'ab'.replace('', '-')", "-a-b-"],
];

for (const [row, source, expected] of GIVES) {
  Deno.test(`${row} ${source}`, () => deepEqual(json(source, VARIABLES), expected));
}

const FAILS: readonly (readonly [row: string, source: string, code: string])[] = [
  ["D19b", "flatten(['a,b'])", "no-such-overload"],
  ["D19b", "flatten([{'a': 1}])", "no-such-overload"],
  ["D19c", "b64decode('YQ$==')", "bad-value"],
  ["D19c", "b64decode('YQ')", "bad-value"],
  ["X20", "flatten(null)", "no-such-overload"],
  ["X21", "overlay({'a': 1}, [1])", "no-such-overload"],
  ["X21", "overlay(null, {'a': 1})", "no-such-overload"],
  ["X22", "to_json(1.0 / 0.0)", "not-json"],
];

for (const [row, source, code] of FAILS) {
  Deno.test(`${row} ${source} fails`, () => equal(faultOf(source, VARIABLES).code, code));
}
