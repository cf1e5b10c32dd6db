// SPDX-License-Identifier: Apache-2.0

import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  compileExpression,
  createBudget,
  type Expr,
  parseExpression,
  toJson,
} from "../../../src/language/mod.ts";
import { partsOf, walk } from "../../../src/language/expression/walk.ts";
import { json, parsed } from "./evaluate.ts";
import { expressionSource } from "./generated_expression.ts";

/** Pieces that make up expressions, so that random texts come near to sound ones. */
const piece = fc.constantFrom(
  ..."( ) [ ] { } . ? : , + - * / % ! == != < <= && || in has map filter x a 1 1.5 0x 'a' \" ' r b ` "
    .split(" "),
  "\n",
  "//",
  "inputs.",
  ".?",
  "[?",
  "'''",
  "\\",
  "true",
  "null",
  "😀",
);

const nearlySound = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(" "));
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  nearlySound,
  expressionSource,
);

Deno.test("EX-30 parses or refuses any text, with every fault inside the text", () => {
  fc.assert(
    fc.property(anyText, (source) => {
      const result = parseExpression(source);
      if (result.type === "parsed") return;
      ok(result.faults.length > 0);
      for (const { span, message } of result.faults) {
        ok(message.length > 0);
        ok(span.start >= 0 && span.start <= span.end && span.end <= source.length, source);
      }
    }),
    { numRuns: 5000 },
  );
});

Deno.test("EX-41 evaluates any sound text to a value or to a fault inside the text", () => {
  fc.assert(
    fc.property(anyText, (source) => {
      const result = parseExpression(source);
      if (result.type === "failed") return;
      const value = compileExpression(result.expression, source).evaluate({}, createBudget());
      if (typeof value !== "object" || value === null || !("isMissing" in value)) return;
      const { span, reason } = value as { span: { start: number; end: number }; reason: string };
      ok(reason.length > 0);
      ok(span.start >= 0 && span.start < span.end && span.end <= source.length, source);
    }),
    { numRuns: 3000 },
  );
});

/** The tree without its spans. */
function shape(expr: Expr): unknown {
  return JSON.parse(JSON.stringify(expr, (key, value) => {
    if (key === "span" || key === "nameSpan") return undefined;
    return typeof value === "bigint" ? `${value}n` : value;
  }));
}

Deno.test("EX-30 gives every node the span of just its own source", () => {
  fc.assert(
    fc.property(expressionSource, (source) => {
      walk(parsed(source), (visit) => {
        const { expr } = visit;
        const own = source.slice(expr.span.start, expr.span.end);
        deepEqual(shape(parsed(own)), shape(expr), own);
        return partsOf(visit);
      });
    }),
    { numRuns: 1000 },
  );
});

const jsonValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n)),
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor")),
      tie("value"),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
  ),
})).value;

Deno.test("EX-20 hands JSON back as it came, without copying it", () => {
  fc.assert(
    fc.property(jsonValue, (value) => {
      const given = value as Parameters<typeof toJson>[0];
      ok(Object.is(json("inputs", { inputs: given }), given));
      deepEqual(json("from_json(to_json(inputs))", { inputs: given }), given);
      deepEqual(json("inputs == from_json(to_json(inputs))", { inputs: given }), true);
    }),
    { numRuns: 500 },
  );
});
