// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { faultOf, faultyPart } from "./evaluate.ts";

const VARIABLES = {
  inputs: {
    spec: { size: 1, region: "eu" },
    none: null,
    l: [1, 2, 3],
    text: "top-secret",
    many: Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`k${index}`, index])),
    empty: {},
  },
};

const REASONS = [
  ["inputs.spec.regoin", 'no key "regoin" in inputs.spec: it has "size", "region"'],
  ["inputs.spec['regoin']", 'no key "regoin" in inputs.spec: it has "size", "region"'],
  [
    "inputs.many.x",
    'no key "x" in inputs.many: it has "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7" and 4 more',
  ],
  [
    "inputs.spec[inputs.text]",
    'no key inputs.text in inputs.spec: it has "size", "region"',
  ],
  ["inputs.text[inputs.text]", "no key inputs.text in inputs.text: it is of type string"],
  ["inputs.empty.x", 'no key "x" in inputs.empty: it is empty'],
  ["inputs.none.x", 'no key "x" in inputs.none: it is null'],
  ["inputs.text.x", 'no key "x" in inputs.text: it is of type string'],
  ["inputs.l[5]", "no index 5 in inputs.l: it has 3 elements"],
  [
    "inputs.l.x",
    "no such overload: inputs.l is a list, its index must be a whole number, it is of type string",
  ],
  ["input.spec", 'no variable "input": there are "inputs"'],
  ["1 + 'a'", "no such overload: int + string"],
  ["lower(1)", "no such overload: lower(int), expected lower(string)"],
  ["'a'.lowr()", 'no method "lowr"'],
  ["split('a')", 'no function "split" with 1 arguments: it takes 2'],
  ["'a' in 'abc'", "no such overload: string in string, use contains()"],
  ["split('a', '')", "split separator may not be empty"],
  ["self_ref({})", "Missing `apiVersion`."],
] as const;

for (const [source, reason] of REASONS) {
  Deno.test(`EX-41 ${source} says why it fails`, () => {
    equal(faultOf(source, VARIABLES).reason, reason);
  });
}

const PLACES = [
  ["1 + inputs.spec.regoin.x + 2", "inputs.spec.regoin"],
  ["[1, 2].map(x, x + inputs.zz)", "inputs.zz"],
  ["{'a': [1, 'b' + 1]}", "'b' + 1"],
  ["true ? nothing : 1", "nothing"],
  ["inputs.l.filter(x, x)", "x"],
  ["1 == 1 && (1 / 0 == 1)", "1 / 0"],
  ["'a'.split('').size()", "'a'.split('')"],
  ["size(inputs.l.map(x, int(inputs.text)))", "int(inputs.text)"],
  ["(inputs.spec).zz", "(inputs.spec).zz"],
  [`'x'${" + 'x'".repeat(40)} + 1 + 'x'`, `'x'${" + 'x'".repeat(40)} + 1`],
  ["{'a': 1, 'a': 2}.a", "{'a': 1, 'a': 2}"],
  ["!inputs.l", "!inputs.l"],
  ["optional.none().or(2)", "2"],
] as const;

for (const [source, part] of PLACES) {
  Deno.test(`EX-41 ${source.slice(0, 50)} fails at its innermost part`, () => {
    equal(faultyPart(source, VARIABLES), part);
  });
}

Deno.test("EX-41 no reason tells a value of the variables", () => {
  const sources = [
    "int(inputs.text)",
    "double(inputs.text)",
    "bool(inputs.text)",
    "duration(inputs.text)",
    "timestamp(inputs.text)",
    "timestamp(0).getHours(inputs.text)",
    "from_json(inputs.text)",
    "from_json('[' + inputs.text)",
    "b64decode(inputs.text)",
    "inputs.text.zz",
    "inputs.text + 1",
    "inputs.spec[inputs.text]",
    "inputs.spec[inputs.text].x",
    "inputs.none[inputs.text]",
    "inputs.l[inputs.text]",
    "[1].map(x, inputs.spec[inputs.text + 'x'])",
    "{inputs.text: 1, inputs.text: 2}",
    "min([inputs.text, 1])",
    "'a'.matches('(' + inputs.text)",
  ];
  const telling = sources.filter((source) => faultOf(source, VARIABLES).reason.includes("secret"));
  deepEqual(telling, []);
});
