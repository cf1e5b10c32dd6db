// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { functionNames, isKnownCall, type Value } from "../../../src/language/mod.ts";
import { LIBRARY } from "../../../src/language/expression/functions/library.ts";
import { faultOf, json } from "./evaluate.ts";

for (const { rule, name, parameters, example: [source, result] } of LIBRARY) {
  const types = parameters.map(([, type]) => type).join(", ");
  Deno.test(`${rule} ${name}(${types}) does what its example says: ${source}`, () => {
    equal(json(`(${source}) == (${result})`), true);
  });
}

Deno.test("FN-1 every row says what a reader has to know", () => {
  for (const { name, doc, example: [source] } of LIBRARY) {
    ok(doc.endsWith(".") && doc.length > 10, name);
    ok(source.includes(name.split(".").at(-1) ?? ""), name);
  }
});

/** Functions that chapter 4 lets be called in both forms, with arguments. */
const BOTH_FORMS = [
  ["contains", "[1, 2]", "2"],
  ["contains", "{'a': 1}", "'a'"],
  ["matches", "'abc'", "'b'"],
  ["toLower", "'A'"],
  ["toUpper", "'a'"],
  ["keys", "{'a': 1}"],
  ["values", "{'a': 1}"],
  ["min", "[2, 1]"],
  ["to_ref", "{'name': 'n'}"],
  ["group_ref", "{'name': 'n'}"],
  ["kindless_ref", "{'name': 'n'}"],
  ["config_connect_ready", "{}"],
  ["overlay", "{'a': 1}", "{'b': 2}"],
  ["flatten", "[[1]]"],
  ["lower", "'A'"],
  ["strip", "' a '", "' '"],
  ["rstrip", "' a '", "' '"],
  ["split", "'a,b'", "','"],
  ["split_first", "'a,b'", "','"],
  ["split_last", "'a,b'", "','"],
  ["split_index", "'a,b'", "','", "1"],
  ["replace", "'a'", "'a'", "'b'"],
  ["to_json", "[1]"],
  ["from_json", "'[1]'"],
  ["b64encode", "'a'"],
  ["b64decode", "'YQ=='"],
] as const;

for (const [name, ...args] of BOTH_FORMS) {
  Deno.test(`FN-1 ${name} is a function and a method`, () => {
    const [target, ...rest] = args;
    equal(json(`${name}(${args.join(", ")}) == ${target}.${name}(${rest.join(", ")})`), true);
    ok(isKnownCall(name, args.length, false));
    ok(isKnownCall(name, rest.length, true));
    ok(functionNames().includes(name));
  });
}

const RESOURCE = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop" },
};

const VARIABLES: Readonly<Record<string, Value>> = {
  r: RESOURCE,
  ready: {
    status: {
      conditions: [
        { type: "Other", status: "False" },
        { type: "Ready", status: "True", reason: "UpToDate" },
      ],
    },
  },
};

const GIVES: readonly (readonly [rule: string, source: string, value: unknown])[] = [
  ["FN-5", "size('😀é')", 2],
  ["FN-5", "size(b'é') + size([1]) + size({'a': 1})", 4],
  ["FN-7", "[1, 'a'].contains(1.0) && {1: 2}.contains(1u) && ![].contains(null)", true],
  ["FN-8", "'xabcx'.matches('abc') && !'xabcx'.matches('^abc$')", true],
  ["FN-9", "'Straße'.toUpper() + 'İ'.toLower()", "STRASSEi̇"],
  ["FN-10", "{2: 'b', 1: 'a'}.keys()", [2, 1]],
  ["FN-11", "[2.5, 1, 3u].min()", 1],
  ["FN-11", "['b', 'a'].min()", "a"],
  ["FN-20", "self_ref(r)", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    name: "web",
    namespace: "shop",
  }],
  ["FN-21", "{'kind': 'K', 'apiVersion': '', 'external': 'e', 'name': 'n'}.to_ref()", {
    kind: "K",
    external: "e",
  }],
  ["FN-21", "{'name': 'n', 'namespace': ''}.to_ref()", { name: "n" }],
  ["FN-21", "{'apiVersion': 'v1', 'kind': 'K', 'name': 'n', 'namespace': 's'}.to_ref()", {
    apiVersion: "v1",
    kind: "K",
    name: "n",
    namespace: "s",
  }],
  ["FN-22", "{'apiVersion': 'apps/v1', 'apiGroup': 'g', 'kind': 'K', 'name': 'n'}.group_ref()", {
    apiGroup: "g",
    kind: "K",
    name: "n",
  }],
  ["FN-22", "{'apiVersion': 'v1', 'kind': 'K', 'external': 'e'}.group_ref()", {
    kind: "K",
    external: "e",
  }],
  ["FN-23", "{'kind': 'K', 'name': 'n', 'namespace': 's'}.kindless_ref()", {
    name: "n",
    namespace: "s",
  }],
  ["FN-24", "ready.config_connect_ready()", true],
  [
    "FN-24",
    "[1, null, 'a', {'status': null}, {'status': {'conditions': 1}}].map(x, config_connect_ready(x))",
    [
      false,
      false,
      false,
      false,
      false,
    ],
  ],
  ["FN-25", "{'a': {'x': 1}, 'l': [1], 'b': 1}.overlay({'a': {'y': null}, 'l': [], 'c': 2})", {
    a: { x: 1, y: null },
    l: [],
    b: 1,
    c: 2,
  }],
  ["FN-25", "{'a': {'x': 1.0}}.overlay({'a': {'y': 2.0}, 1: 3})", { a: { x: 1, y: 2 }, 1: 3 }],
  ["FN-25", "{'b': 1, 'a': 2}.overlay({'c': 3, 'b': 4}).keys()", ["b", "a", "c"]],
  ["FN-26", "flatten([])", []],
  ["FN-26", "flatten([[1, [2]], [], [3]])", [1, [2], 3]],
  ["FN-30", "lower('ÄÖ')", "äö"],
  [
    "FN-31",
    "[strip('--a-b--', '-'), rstrip('--a-b--', '-'), strip('abcba', 'ba'), strip('a', '')]",
    [
      "a-b",
      "--a-b",
      "c",
      "a",
    ],
  ],
  ["FN-31", "strip('😀a😀', '😀')", "a"],
  ["FN-32", "[split('a,b,', ','), split('', ','), split('a--b', '--')]", [["a", "b", ""], [""], [
    "a",
    "b",
  ]]],
  ["FN-33", "[split_first('a,b,c', ','), split_first('a', ','), split_first('', ',')]", [
    "a",
    "a",
    "",
  ]],
  ["FN-33", "[split_last('a,b,c', ','), split_last('a', ','), split_last('', ',')]", [
    "c",
    "a",
    "",
  ]],
  ["FN-34", "[split_index('a,b', ',', 1), split_index('a,b', ',', -2), split_index('', ',', 7)]", [
    "b",
    "a",
    "",
  ]],
  ["FN-35", "[replace('aXbX', 'X', '$&'), replace('ab', '', '-'), replace('', '', '-')]", [
    "a$&b$&",
    "-a-b-",
    "-",
  ]],
  [
    "FN-36",
    "to_json({'b': [true, null, 1.5, 'x\"y\\n'], 'a': {}})",
    '{"a": {}, "b": [true, null, 1.5, "x\\"y\\n"]}',
  ],
  ["FN-36", "to_json({1: 2, true: 3u})", '{"1": 2, "true": 3}'],
  ["FN-37", "from_json('{\"a\": [1, 2.5, -0, 9223372036854775807]}')", {
    a: [1, 2.5, 0, 9223372036854775807n],
  }],
  ["FN-37", "type(from_json('1.0')) == double && type(from_json('1e2')) == double", true],
  ["FN-37", "from_json(' \"s\" ')", "s"],
  ["FN-37", 'from_json(\'{"__proto__": 1, "a": 1.0}\').keys()', ["__proto__", "a"]],
  ["FN-38", "b64encode('é') + b64encode(b'\\xff') + b64encode('')", "w6k=/w=="],
  ["FN-39", "b64decode(' w6\\nk= ') + b64decode('')", "é"],
  ["FN-40", "[1, 2, 3].reduce(acc, x, 0, acc + x)", 6],
  ["FN-40", "[].reduce(acc, x, 'none', x)", "none"],
  ["FN-40", "{'a': 1, 'b': 2}.reduce(acc, k, '', acc + k)", "ab"],
  ["FN-40", "[1, 2].reduce(acc, x, [], acc + [x].map(acc, acc * 10))", [10, 20]],
];

for (const [rule, source, value] of GIVES) {
  Deno.test(`${rule} ${source}`, () => deepEqual(json(source, VARIABLES), value));
}

const FAILS = [
  ["FN-1", "lower(1)", "no such overload: lower(int), expected lower(string)"],
  ["FN-11", "[].min()", "min() needs a list that is not empty"],
  ["FN-11", "[1, 'a'].min()", "no such overload: min() takes numbers or strings, not string"],
  ["FN-20", "self_ref({'kind': 'K'})", "Missing `apiVersion`."],
  ["FN-20", "self_ref({'apiVersion': 'v1'})", "Missing `kind`."],
  ["FN-20", "self_ref({'apiVersion': 'v1', 'kind': 'K'})", "Missing `metadata`."],
  [
    "FN-20",
    "self_ref({'apiVersion': 'v1', 'kind': 'K', 'metadata': {'namespace': 'n'}})",
    "Missing `metadata.name`.",
  ],
  [
    "FN-20",
    "self_ref({'apiVersion': 'v1', 'kind': 'K', 'metadata': {'name': 'n'}})",
    "Missing `metadata.namespace`.",
  ],
  ["FN-21", "to_ref({'external': ''})", "`external` must contain a value."],
  ["FN-21", "to_ref({'kind': 'K'})", "`external` or `name` are required to build a reference."],
  ["FN-21", "to_ref({'name': ''})", "`name` must contain a value."],
  ["FN-23", "kindless_ref({})", "`external` or `name` are required to build a reference."],
  [
    "FN-25",
    "overlay({}, null)",
    "no such overload: overlay(map, null), expected overlay(map, map)",
  ],
  ["FN-26", "flatten(['a'])", "no such overload: flatten() takes a list of lists, not of string"],
  ["FN-26", "flatten(null)", "no such overload: flatten(null), expected flatten(list)"],
  ["FN-31", "strip('a')", 'no function "strip" with 1 arguments: it takes 2'],
  ["FN-32", "split('a', '')", "split separator may not be empty"],
  ["FN-33", "split_last('a', '')", "split separator may not be empty"],
  ["FN-34", "split_index('a', '', 0)", "split separator may not be empty"],
  ["FN-34", "split_index('a,b', ',', 5)", "index out of bounds on split"],
  ["FN-34", "split_index('a,b', ',', -3)", "index out of bounds on split"],
  ["FN-36", "to_json(1.0 / 0.0)", "JSON Encoding error: no JSON for Infinity"],
  ["FN-36", "to_json(b'a')", "JSON Encoding error: no JSON for a value of type bytes"],
  [
    "FN-36",
    "to_json([timestamp(0)])",
    "JSON Encoding error: no JSON for a value of type timestamp",
  ],
  ["FN-37", "from_json('')", "JSON Decoding error: the text is not one JSON value"],
  ["FN-37", "from_json('NaN')", "JSON Decoding error: the text is not one JSON value"],
  ["FN-37", "from_json('1 2')", "JSON Decoding error: the text is not one JSON value"],
  ["FN-37", "from_json('[12345678901234567890]')", "JSON Decoding error: a number is too large"],
  ["FN-39", "b64decode('YQ')", "the text is no base64"],
  ["FN-39", "b64decode('YQ=')", "the text is no base64"],
  ["FN-39", "b64decode('Y*==')", "the text is no base64"],
  ["FN-39", "b64decode('/w==')", "invalid UTF-8: the bytes encode no text"],
  ["FN-13", "'%s'.format(['a'])", 'no method "format"'],
] as const;

for (const [rule, source, reason] of FAILS) {
  Deno.test(`${rule} ${source} fails`, () => equal(faultOf(source, VARIABLES).reason, reason));
}
