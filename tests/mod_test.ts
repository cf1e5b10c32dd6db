// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { compileExpression, ExpressionError } from "../mod.ts";

const VALUES: readonly (readonly [string, Record<string, unknown>, unknown])[] = [
  ["inputs.a + 1", { inputs: { a: 1 } }, 2],
  ["9007199254740993 + n", { n: 1n }, 9007199254740994n],
  ["n + 1", { n: 9223372036854775806n }, 9223372036854775807n],
  ["n / 2.0", { n: 4.5 }, 2.25],
  ["{'a': [1u, b'ab', timestamp('2020-01-01T00:00:00Z'), duration('90m')]}", {}, {
    a: [1, "YWI=", "2020-01-01T00:00:00Z", "5400s"],
  }],
  ["a.?b.orValue('none')", { a: {} }, "none"],
  ["a == null", { a: null }, true],
  ["has(a)", { a: undefined }, false],
  ["o.constructor", { o: { constructor: "own" } }, "own"],
];

for (const [source, variables, value] of VALUES) {
  Deno.test(`compileExpression() evaluates ${source}`, () => {
    deepEqual(compileExpression(source).evaluate(variables), value);
  });
}

function faultOf(work: () => unknown): ExpressionError {
  try {
    work();
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new TypeError("Expected a fault");
}

Deno.test("compileExpression() throws a syntax fault with code and span", () => {
  const fault = faultOf(() => compileExpression("1 + )"));
  deepEqual([fault.name, fault.code, fault.span], ["ExpressionError", "expression-syntax", {
    start: 4,
    end: 5,
  }]);
});

const FAULTS: readonly (readonly [string, string, string])[] = [
  ["inputs.spec.sise", "missing-key", "inputs.spec.sise"],
  ["1 + [inputs.spec.size / 0][0]", "division-by-zero", "inputs.spec.size / 0"],
  ["nope", "undeclared-variable", "nope"],
  ["inputs.constructor", "missing-key", "inputs.constructor"],
  ["1.0 / 0.0", "not-json", "1.0 / 0.0"],
  ["type(1)", "not-json", "type(1)"],
];

for (const [source, code, part] of FAULTS) {
  Deno.test(`evaluate() throws ${code} of ${source}`, () => {
    const expression = compileExpression(source);
    const fault = faultOf(() => expression.evaluate({ inputs: { spec: { size: 1 } } }));
    equal(fault.code, code);
    equal(source.slice(fault.span.start, fault.span.end), part);
    ok(fault.message.length > 0);
  });
}

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
  ["a function", () => 1, /"v\.x": expected JSON/],
  ["a date", new Date(0), /"v\.x": expected JSON, found \[object Date\]/],
  ["a symbol", Symbol("s"), /expected JSON, found Symbol\(s\)/],
  ["NaN", NaN, /expected JSON, found NaN/],
  ["a value that contains itself", cyclic, /more than 100 levels/],
];

for (const [name, value, message] of REFUSED) {
  Deno.test(`evaluate() refuses ${name}`, () => {
    const given = { v: { x: value } };
    throws(() => compileExpression("1").evaluate(given), { name: "TypeError", message });
  });
}

Deno.test("evaluate() leaves the variables as they are and may be called again", () => {
  const expression = compileExpression("inputs.list.map(x, x * 2)");
  const variables = { inputs: { list: [1, 2] } };
  deepEqual(expression.evaluate(variables), [2, 4]);
  deepEqual(expression.evaluate(variables), [2, 4]);
  deepEqual(variables, { inputs: { list: [1, 2] } });
});

const MAX_UINT = 2n ** 64n - 1n;
const MAX_INT = 2n ** 63n - 1n;

/** Whole numbers at their edges: source, the variable `n`, result. */
const WHOLE: readonly (readonly [source: string, n: unknown, result: unknown])[] = [
  ["18446744073709551615u", 0, MAX_UINT],
  ["uint('18446744073709551615') - 1u", 0, MAX_UINT - 1n],
  ["{'a': [uint(n) + 1u]}", MAX_INT, { a: [2n ** 63n] }],
  ["1u + 2u", 0, 3],
  ["n", MAX_INT, MAX_INT],
  ["n - 1", MAX_INT, MAX_INT - 1n],
  ["n", -(2n ** 63n), -(2n ** 63n)],
  ["n + 1 == 6 && n in [5] && {5: true}[n] && [0, 0, 0, 0, 0, true][n]", 5n, true],
  ["n.a == [5] && type(n.a[0]) == int", { a: [5n] }, true],
  ["type(n) == int", MAX_INT, true],
  ["type(n) == double", MAX_INT + 1n, true],
  ["n == 9223372036854775808.0", MAX_INT + 1n, true],
];

for (const [source, n, result] of WHOLE) {
  Deno.test(`EX-20 evaluate() gives ${source} exactly, with n = ${String(n)}`, () => {
    deepEqual(compileExpression(source).evaluate({ n }), result);
  });
}
