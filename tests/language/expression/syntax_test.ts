// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { parseExpression } from "../../../src/language/mod.ts";
import { parsed } from "./evaluate.ts";

/** Source, the part that is marked, the message. */
const FAULTS = [
  ["", "", "Cannot read the expression: it is empty"],
  ["  // nothing\n", "  // nothing\n", "Cannot read the expression: it is empty"],
  ["1 +", "", "Cannot read the end: expected a value"],
  ["1 2", "2", 'Cannot read "2": expected an operator or the end'],
  ["(1", "", 'Cannot read the end: expected an operator or ")"'],
  ["[1, 2", "", 'Cannot read the end: expected "," or "]" after the element'],
  ["{'a' 1}", "1", 'Cannot read "1": expected ":" after the key'],
  ["a.", "", 'Cannot read the end: expected the name of a member after "."'],
  ["a.in", "in", 'Cannot read the member: "in" is a keyword'],
  ["a = 1", "=", 'Cannot read "=": no expression contains it'],
  ["a ? b", "", 'Cannot read the end: expected ":" and the other branch of "?"'],
  ["'abc", "'abc", "Cannot read the string: its closing ' is missing"],
  ["'a\nb'", "'a\nb'", "Cannot read the string: its closing ' is missing"],
  ["12ab", "12a", 'Cannot read the number: "12a" is none'],
  [
    "9223372036854775808",
    "9223372036854775808",
    "Cannot read the number: an int is from -9223372036854775808 to 9223372036854775807",
  ],
  [
    "18446744073709551616u",
    "18446744073709551616u",
    "Cannot read the number: a uint is at most 18446744073709551615",
  ],
  ["while + 1", "while", 'Cannot use "while" as a variable: CEL reserves it'],
  ["T{a: 1}", "{", 'Cannot build a "T": there are no message types'],
  ["has(1)", "1", "Cannot test the argument of has(): expected a chain of members and indexes"],
  ["[1].map(x.y, 1)", "x.y", "Cannot bind the argument of the macro: expected a name"],
  ["[1].reduce(a, a, 0, a)", "a", "Cannot bind one name twice in reduce()"],
  ["'\\ud800'", "\\ud800", "Cannot read the escape: there is no character d800"],
] as const;

for (const [source, part, message] of FAULTS) {
  Deno.test(`EX-30 refuses ${JSON.stringify(source)}`, () => {
    const result = parseExpression(source);
    if (result.type === "parsed") throw new TypeError("It was read");
    const [fault] = result.faults;
    equal(fault?.code, "expression-syntax");
    equal(fault?.message, message);
    equal(source.slice(fault?.span.start, fault?.span.end), part);
  });
}

Deno.test("LM-5 reads 32,768 characters and no more", () => {
  const fitting = `'${"a".repeat(32_766)}'`;
  equal(parseExpression(fitting).type, "parsed");
  const result = parseExpression(`${fitting} `);
  deepEqual(result.type === "failed" && result.faults.map((fault) => fault.code), [
    "expression-too-long",
  ]);
});

const NESTINGS = [
  ["parentheses", (levels: number) => "(".repeat(levels) + "1" + ")".repeat(levels)],
  ["lists", (levels: number) => "[".repeat(levels) + "1" + "]".repeat(levels)],
  ["signs", (levels: number) => "!".repeat(levels) + "true"],
  ["calls", (levels: number) => "f(".repeat(levels) + "1" + ")".repeat(levels)],
  ["branches", (levels: number) => "a ? b : ".repeat(levels) + "c"],
] as const;

for (const [name, nest] of NESTINGS) {
  Deno.test(`LM-6 reads 200 levels of ${name} and no more`, () => {
    equal(parseExpression(nest(200)).type, "parsed");
    const result = parseExpression(nest(201));
    deepEqual(result.type === "failed" && result.faults.map((fault) => fault.code), [
      "expression-too-deep",
    ]);
  });
}

Deno.test("EX-30 binds operators as CEL does", () => {
  const expr = parsed("a || b && c == d + e * -f.g");
  if (expr.type !== "logical") throw new TypeError(expr.type);
  equal(expr.operator, "||");
  const [, and] = expr.operands;
  equal(and?.type === "logical" && and.operands.length, 2);
});

Deno.test("EX-36 keeps the place of every part of the optional syntax", () => {
  const source = "a.?b[?0]";
  const expr = parsed(source);
  if (expr.type !== "index" || expr.operand.type !== "select") throw new TypeError(expr.type);
  deepEqual([expr.isOptional, expr.operand.isOptional], [true, true]);
  deepEqual(expr.operand.nameSpan, { start: 3, end: 4 });
  deepEqual(expr.span, { start: 0, end: source.length });
});
