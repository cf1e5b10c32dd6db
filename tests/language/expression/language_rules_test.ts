// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import type { Value } from "../../../src/language/mod.ts";
import { faultOf, json } from "./evaluate.ts";

const VARIABLES: Readonly<Record<string, Value>> = {
  inputs: {
    m: { a: 1, n: null, "a.b/c": 2, deep: { x: { y: 2 } } },
    l: [{ ports: [{ p: 80 }] }],
    n: null,
    s: "text",
    big: 9223372036854775807n,
  },
};

/** Rule, source, value. */
const GIVES: readonly (readonly [rule: string, source: string, value: unknown])[] = [
  ["EX-1", "1 + // one more\n 1", 2],
  ["EX-20", "type(inputs.m.a) == int && type(1.5) == double", true],
  ["EX-20", "inputs.big", 9223372036854775807n],
  ["EX-20", "inputs.big - 9223372036854775800", 7],
  ["EX-20", "inputs.m.keys()", ["a", "n", "a.b/c", "deep"]],
  ["EX-21", "[1u, b'abc', timestamp('2020-01-01T01:00:00+01:00'), duration('1h30m')]", [
    1,
    "YWJj",
    "2020-01-01T00:00:00Z",
    "5400s",
  ]],
  ["EX-21", "{true: 1, 2: 2, 3u: 3, 'k': 4.0}", { true: 1, 2: 2, 3: 3, k: 4 }],
  ["EX-21", "18446744073709551615u", 18446744073709551615],
  ["EX-31", "1 == 'a'", false],
  ["EX-31", "inputs.m == null", false],
  ["EX-31", "null == null", true],
  ["EX-31", "1 == 1.0 && 1 == 1u && 1u == 1.0", true],
  ["EX-31", "1 in [1.0]", true],
  ["EX-31", "9007199254740993 == 9007199254740992.0", false],
  ["EX-31", "{'a': 1} == {'a': 1.0} && [1, 2] != [2, 1]", true],
  ["EX-31", "1 != 'a'", true],
  ["EX-32", "1 < 1.5 && 2u > 1 && 1.0 <= 1u", true],
  ["EX-32", "'a' < 'b' && '\\uffff' < '\\U00010000'", true],
  ["EX-32", "[7 / 2, -7 / 2, 7 % 3, -7 % 3, 7 % -3]", [3, -3, 1, -1, 1]],
  ["EX-32", "1.0 / 0.0 > 1e308", true],
  ["EX-33", "false && inputs.zz", false],
  ["EX-33", "inputs.zz && false", false],
  ["EX-33", "inputs.zz || true", true],
  ["EX-33", "true ? 1 : inputs.zz", 1],
  ["EX-33", "1 && false", false],
  ["EX-34", "[int(1.9), int(-1.5), int('0x1F'), int('-12')]", [1, -1, 31, -12]],
  ["EX-34", "[string(true), string(1.0), string(2.5), string(1)]", ["true", "1", "2.5", "1"]],
  ["EX-34", "[string(1e21), string(0.000001), string(1e-7), string(1e20)]", [
    "1e+21",
    "0.000001",
    "1e-7",
    "100000000000000000000",
  ]],
  ["EX-34", "bool('true') && !bool('False')", true],
  ["EX-34", "string(duration('-1.5s'))", "-1.5s"],
  ["EX-34", "string(timestamp('2020-02-29T12:30:00.120Z'))", "2020-02-29T12:30:00.12Z"],
  ["EX-35", "(inputs.m).a", 1],
  ["EX-35", "inputs.m.overlay({'x': {'y': 3}}).x.y", 3],
  ["EX-35", "[1, 2][0] + {'a': 1}.a + inputs.m['a']", 3],
  ["EX-35", "[1, 2][1.0]", 2],
  ["EX-36", "inputs.m.?a.value()", 1],
  ["EX-36", "inputs.m.?zz.hasValue()", false],
  ["EX-36", "inputs.?zz.a.b.orValue('d')", "d"],
  ["EX-36", "inputs.?n.?x.orValue(5)", 5],
  ["EX-36", "inputs.l[?0].ports[?0].p.value()", 80],
  ["EX-36", "inputs.l[?9].hasValue()", false],
  ["EX-36", "{?'a': inputs.m.?a, ?'b': inputs.m.?b, 'c': 3}", { a: 1, c: 3 }],
  ["EX-36", "[?inputs.m.?a, ?inputs.m.?b, 3]", [1, 3]],
  ["EX-36", "optional.of(1).or(inputs.zz).value()", 1],
  ["EX-36", "optional.of(1).orValue(inputs.zz)", 1],
  ["EX-36", "optional.none().or(optional.of(2)).value()", 2],
  ["EX-36", "optional.ofNonZeroValue(0).orValue(7)", 7],
  ["EX-36", "inputs.m.?a.optMap(x, x + 1).value()", 2],
  ["EX-36", "inputs.m.?deep.optFlatMap(d, d.?zz).hasValue()", false],
  ["EX-37", "[1, 2].all(x, x > 0) && [1, 2].exists(x, x > 1) && [1, 2].exists_one(x, x > 1)", true],
  ["EX-37", "[1, 2, 3].map(x, x * 2)", [2, 4, 6]],
  ["EX-37", "[1, 2, 3].map(x, x > 1, x * 2)", [4, 6]],
  ["EX-37", "[1, 2, 3].filter(x, x > 1)", [2, 3]],
  ["EX-37", "{'b': 1, 'a': 2}.map(k, k)", ["b", "a"]],
  ["EX-37", "{'b': 1, 'a': 2}.filter(k, k == 'a')", ["a"]],
  ["EX-37", "[1, 2].map(inputs, inputs + 1)", [2, 3]],
  ["EX-37", "[1, 2].map(x, [x].map(x, x * 10))", [[10], [20]]],
  ["EX-37", "[0, 1].exists(x, 1 / x == 1)", true],
  ["EX-37", "[0, 1].all(x, 1 / x == 2)", false],
  ["EX-38", "'a' in ['a'] && 'a' in {'a': 1} && !('b' in {'a': 1})", true],
  ["EX-39a", "has(inputs.m.a)", true],
  ["EX-39a", "has(inputs.m.n)", true],
  ["EX-39a", "has(inputs.m['a.b/c'])", true],
  ["EX-39a", "has(inputs.l[0].ports[0].p)", true],
  ["EX-39a", "has(inputs.l[0].ports[1].p)", false],
  ["EX-39a", "has(inputs.l[-1])", false],
  ["EX-39a", "has(inputs.zz.yy.xx)", false],
  ["EX-39a", "has(inputs.n.x)", false],
  ["EX-39a", "has(inputs.s.x)", false],
  ["EX-39a", "has(nothing.x)", false],
  ["EX-39a", "has(inputs.m.toString) || has(inputs.constructor) || has(inputs.__proto__)", false],
  ["EX-39a", "has((inputs.m).deep.x.y)", true],
  ["EX-39a", "has({'a': 1}.a) && has(inputs.?m.a) && !has(inputs.?zz.a)", true],
  ["EX-39a", "[{'a': 1}, {}].map(x, has(x.a))", [true, false]],
  ["EX-39b", "size(null) + inputs.n.size()", 0],
  ["EX-39c", "'\\.\\d\\8'", "\\.\\d\\8"],
  ["EX-39c", "'a\\tb\\x41\\101\\u00e9\\U0001F600'", "a\tbAAé😀"],
  ["EX-39c", "r'\\n'", "\\n"],
  ["EX-39d", "'foobar'.matches('foo(?=bar)') && 'foobar'.matches('(?<=foo)bar')", true],
];

for (const [rule, source, value] of GIVES) {
  Deno.test(`${rule} ${source.replaceAll("\n", " ")}`, () => {
    deepEqual(json(source, VARIABLES), value);
  });
}

/** Rule, source, code of the fault, whether something was missing. */
const FAILS: readonly (readonly [rule: string, source: string, code: string, missing?: true])[] = [
  ["EX-31", "inputs.zz == 'x'", "missing-key", true],
  ["EX-31", "'x' in inputs.zz", "missing-key", true],
  ["EX-32", "1 + 1.0", "no-such-overload"],
  ["EX-32", "1u + 1", "no-such-overload"],
  ["EX-32", "true + 1", "no-such-overload"],
  ["EX-32", "'a' + 1", "no-such-overload"],
  ["EX-32", "1 / 0", "division-by-zero"],
  ["EX-32", "1 % 0", "division-by-zero"],
  ["EX-32", "1u / 0u", "division-by-zero"],
  ["EX-32", "9223372036854775807 + 1", "overflow"],
  ["EX-32", "-9223372036854775808 - 1", "overflow"],
  ["EX-32", "4294967296 * 4294967296", "overflow"],
  ["EX-32", "-(-9223372036854775808)", "overflow"],
  ["EX-32", "-9223372036854775808 / -1", "overflow"],
  ["EX-32", "18446744073709551615u + 1u", "overflow"],
  ["EX-32", "0u - 1u", "overflow"],
  ["EX-32", "1 < 'a'", "no-such-overload"],
  ["EX-32", "null < null", "no-such-overload"],
  ["EX-33", "true && inputs.zz", "missing-key", true],
  ["EX-33", "false || inputs.zz", "missing-key", true],
  ["EX-33", "1 && true", "no-such-overload"],
  ["EX-33", "1 ? 2 : 3", "no-such-overload"],
  ["EX-33", "!1", "no-such-overload"],
  ["EX-34", "string(null)", "no-such-overload"],
  ["EX-34", "int('1.5')", "bad-value"],
  ["EX-34", "int('')", "bad-value"],
  ["EX-34", "double('x')", "bad-value"],
  ["EX-34", "bool('yes')", "bad-value"],
  ["EX-34", "int(1e19)", "overflow"],
  ["EX-34", "uint(-1)", "overflow"],
  ["EX-34", "duration('5x')", "bad-value"],
  ["EX-34", "timestamp('2020-02-30T00:00:00Z')", "bad-value"],
  ["EX-35", "[1, 2][-1]", "missing-index", true],
  ["EX-35", "[1, 2][2]", "missing-index", true],
  ["EX-35", "[1, 2][0.5]", "no-such-overload"],
  ["EX-35", "[1, 2]['0']", "no-such-overload"],
  ["EX-35", "'abc'[1]", "missing-member"],
  ["EX-35", "inputs.n.x", "missing-member", true],
  ["EX-35", "{'a': 1}['b']", "missing-key", true],
  ["EX-35", "{'a': 1, 'a': 2}", "duplicate-key"],
  ["EX-35", "{1: 1, 1u: 2}", "duplicate-key"],
  ["EX-35", "{null: 1}", "no-such-overload"],
  ["EX-36", "optional.none().value()", "missing-value", true],
  ["EX-36", "optional.none().or(1)", "no-such-overload"],
  ["EX-36", "{?'a': 1}", "no-such-overload"],
  ["EX-36", "1.orValue(2)", "no-such-overload"],
  ["EX-37", "1.map(x, x)", "no-such-overload"],
  ["EX-37", "[1].filter(x, x)", "no-such-overload"],
  ["EX-37", "[0, 1].exists_one(x, 1 / x == 1)", "division-by-zero"],
  ["EX-37", "[1].map(x, x + y)", "undeclared-variable", true],
  ["EX-38", "'a' in 'abc'", "no-such-overload"],
  ["EX-38", "'%d' % 5", "no-such-overload"],
  ["EX-39a", "has(inputs.l[1 / 0])", "division-by-zero"],
  ["EX-39a", "has(inputs.l[inputs.zz])", "missing-key", true],
  ["EX-39a", "has(split('a', '').x)", "bad-value"],
  ["EX-39d", "'aa'.matches('(a)\\\\1')", "bad-pattern"],
  ["DG-7", "nothing", "undeclared-variable", true],
  ["DG-7", "nothing(1)", "unknown-function"],
  ["DG-7", "size()", "unknown-function"],
  ["DG-7", "inputs.nothing()", "unknown-function"],
];

for (const [rule, source, code, missing = false] of FAILS) {
  Deno.test(`${rule} ${source} fails with ${code}`, () => {
    const fault = faultOf(source, VARIABLES);
    deepEqual([fault.code, fault.isMissing], [code, missing]);
  });
}

/** What cannot become JSON, and how it is called. */
const NOT_JSON = [
  ["1.0 / 0.0", "an infinite double cannot become JSON"],
  ["double('NaN')", "NaN cannot become JSON"],
  ["int", "a type cannot become JSON"],
  ["[{'a': optional.of(1)}]", "an optional value that was not unwrapped cannot become JSON"],
] as const;

for (const [source, reason] of NOT_JSON) {
  Deno.test(`EX-22 ${source} cannot become JSON`, () => {
    let message = "";
    try {
      json(source);
    } catch (error) {
      message = String(error);
    }
    equal(message.endsWith(reason), true, message);
  });
}

Deno.test("EX-30 long rows of operators are no nesting and do not overflow the stack", () => {
  equal(json(`1${"+1".repeat(16_000)}`), 16_001);
  equal(json(`true${" && true".repeat(4000)}`), true);
  equal(json(`'a'${".lower()".repeat(4000)}`), "a");
  equal(json(`[[1]]${".filter(x, true)".repeat(2000)}[0][0]`), 1);
  equal(faultOf(`inputs${".a".repeat(16_000)}`, { inputs: {} }).code, "missing-key");
  equal(json(`has(inputs${".a".repeat(16_000)})`, { inputs: {} }), false);
});

Deno.test("EX-35 names of prototypes are ordinary keys", () => {
  const inputs = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "toString": 3}');
  deepEqual(json("inputs.__proto__", { inputs }), { x: 1 });
  deepEqual(json("[inputs.constructor, inputs.toString]", { inputs }), [2, 3]);
  equal(Object.hasOwn(json("{'__proto__': {'x': 1}}") as object, "__proto__"), true);
  equal(Object.hasOwn(json("{'__proto__': {'x': 1}, 'y': 1.0}") as object, "__proto__"), true);
});

for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "length", "push"]) {
  Deno.test(`EX-35 nothing of JavaScript is reached by "${name}"`, () => {
    const operands = [
      "inputs",
      "inputs.l",
      "inputs.s",
      "[1.0]",
      "{'a': 1.0}",
      "b'a'",
      "1",
      "duration('1s')",
    ];
    for (const operand of operands) {
      equal(faultOf(`${operand}.${name}`, VARIABLES).reason.includes("native code"), false);
      equal(
        json(`has(${operand.startsWith("inputs") ? operand : "inputs.m"}.${name})`, VARIABLES),
        false,
      );
    }
    equal(faultOf(name, {}).code, "undeclared-variable");
  });
}
