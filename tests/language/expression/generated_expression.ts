// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";

/** The variables of generated expressions. */
export const VARIABLES = {
  inputs: {
    n: 7,
    big: 9007199254740991,
    f: 2.5,
    s: "Hello-World",
    t: true,
    none: null,
    l: [1, 2, 3],
    strs: ["a", "b"],
    m: { a: 1, b: { c: "x" } },
  },
} as const;

const leaf: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: -50, max: 50 }).map(String),
  fc.constantFrom(
    "9223372036854775807",
    "-9223372036854775808",
    "4294967296",
    "0u",
    "3u",
    "18446744073709551615u",
    "1.5",
    "-0.5",
    "1e20",
    "true",
    "false",
    "null",
    "'a'",
    '"é😀"',
    "''",
    "b'ab'",
    "inputs.n",
    "inputs.f",
    "inputs.s",
    "inputs.t",
    "inputs.none",
    "inputs.l",
    "inputs.strs",
    "inputs.m",
    "inputs.m.b.c",
    "inputs['n']",
    "inputs.missing",
    "inputs.l[1]",
    "undeclared",
    "duration('90s')",
    "timestamp('2020-02-29T12:30:00Z')",
  ),
);

const binaryOperator = fc.constantFrom(
  "+",
  "-",
  "*",
  "/",
  "%",
  "==",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "&&",
  "||",
);

const conversion = fc.constantFrom("string", "bool", "type", "dyn");

/** Conversions of numbers only: the oracle reads any text as some number. */
const numericConversion = fc.tuple(
  fc.constantFrom("int", "uint", "double"),
  fc.constantFrom(
    "inputs.n",
    "inputs.f",
    "-1.5",
    "3u",
    "1e20",
    "9223372036854775807",
    "-0.5",
    "true",
  ),
).map(([name, value]) => `${name}(${value})`);

const key = fc.constantFrom("0", "1", "5", "-1", "1.0", "1u", "'k'", "'z'", "null");
const macro = fc.constantFrom("all", "exists", "exists_one", "map", "filter");

/** Sources of expressions of all forms that CEL has without extensions. */
export const expressionSource: fc.Arbitrary<string> = fc.letrec<{ expr: string }>((tie) => ({
  expr: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    numericConversion,
    fc.tuple(tie("expr"), binaryOperator, tie("expr")).map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(fc.constantFrom("!", "-"), tie("expr")).map(([op, a]) => `${op}(${a})`),
    fc.tuple(tie("expr"), tie("expr"), tie("expr")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.array(tie("expr"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc.tuple(tie("expr"), tie("expr")).map(([a, b]) => `{'k': ${a}, 'l': ${b}}`),
    fc.tuple(tie("expr"), key).map(([a, b]) => `(${a})[${b}]`),
    tie("expr").map((a) => `(${a}).k`),
    fc.tuple(conversion, tie("expr")).map(([name, a]) => `${name}(${a})`),
    fc.tuple(tie("expr"), macro, tie("expr")).map(([range, name, body]) =>
      `(${range}).${name}(x, x == ${body})`
    ),
    fc.tuple(fc.constantFrom("contains", "startsWith", "endsWith"), tie("expr"))
      .map(([name, a]) => `inputs.s.${name}(${a})`),
    fc.tuple(tie("expr"), tie("expr")).map(([a, b]) => `(${a} in [${b}, 1.0])`),
    fc.constantFrom("'a' in inputs.m", "'z' in inputs.m", "1 in inputs.m", "2.0 in inputs.l"),
    fc.array(tie("expr"), { maxLength: 3 }).map((items) => `size([${items.join(", ")}])`),
  ),
})).expr;
