// SPDX-License-Identifier: Apache-2.0

import { ok } from "node:assert/strict";
import fc from "fast-check";
import {
  compileExpression,
  constantPatternsOf,
  createBudget,
  EvaluationFault,
  functionNames,
  isFault,
  parseExpression,
  toJson,
  type Value,
} from "../../src/language/mod.ts";
import { createEffort } from "../../src/language/check/inference.ts";
import { inferType } from "../../src/language/check/infer_type.ts";
import { expressionSource, VARIABLES } from "../language/expression/generated_expression.ts";
import { endsSoon, heldBytes } from "../thread_use.ts";
import { fuzzRuns } from "./fuzz_runs.ts";

/** Parses, checks and evaluates; whatever comes of it, nothing is thrown and nothing hangs. */
function evaluated(source: string): Value | EvaluationFault | undefined {
  return endsSoon(() => evaluate(source));
}

function evaluate(source: string): Value | EvaluationFault | undefined {
  const parsed = parseExpression(source);
  if (parsed.type === "failed") {
    ok(parsed.faults.length > 0);
    return undefined;
  }
  constantPatternsOf(parsed.expression);
  inferType(parsed.expression, {
    source,
    variables: new Map(),
    tested: new Set(),
    report: () => {},
    effort: createEffort(),
  });
  const value = compileExpression(parsed.expression, source).evaluate(VARIABLES, createBudget());
  if (!isFault(value)) toJson(value);
  return value;
}

Deno.test("EX-30 no text makes the expression engine throw", () => {
  const texts = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.string({ unit: "binary", maxLength: 60 }),
  );
  fc.assert(fc.property(texts, (source) => void evaluated(source)), fuzzRuns(2000));
});

const TOKENS = fc.constantFrom(
  ..."( ) [ ] { } . , ? : + - * / % ! == != < <= > >= && || in 'a' \"b\" r'\\d' b'x' 1 0x1F 1u 1.5e3 -9223372036854775808 9223372036854775807 null true inputs inputs.l inputs.s inputs.m .? [? x map filter reduce has optMap // \n"
    .split(" "),
  ...functionNames(),
);

Deno.test("EX-30 no tokens in any order make the expression engine throw", () => {
  const texts = fc.array(TOKENS, { maxLength: 24 }).map((tokens) => tokens.join(" "));
  fc.assert(fc.property(texts, (source) => void evaluated(source)), fuzzRuns(4000));
});

/** Calls of every function with values of every type. */
const VALUES = fc.constantFrom(
  "null",
  "true",
  "-1",
  "9223372036854775807",
  "3u",
  "1e300",
  "0.0 / 0.0",
  "''",
  "'a,b'",
  "'\\u0000\\U0001F600'",
  "b'\\xff'",
  "[]",
  "[1, 'a', [null]]",
  "{}",
  "{'a': 1}",
  "{1: 2, true: 3}",
  "timestamp('0001-01-01T00:00:00Z')",
  "duration('-315576000000s')",
  "optional.none()",
  "optional.of(1)",
  "int",
  "inputs",
  "inputs.missing",
);

Deno.test("FN-1 no function throws for arguments of any types", () => {
  const calls = fc.tuple(
    fc.constantFrom(...functionNames()),
    fc.array(VALUES, { maxLength: 4 }),
    fc.boolean(),
  ).map(([name, values, isMethod]) => {
    const [target, ...args] = values;
    return isMethod && target !== undefined
      ? `(${target}).${name}(${args.join(", ")})`
      : `${name}(${values.join(", ")})`;
  });
  fc.assert(fc.property(calls, (source) => void evaluated(source)), fuzzRuns(4000));
});

Deno.test("EX-30 generated expressions with a part cut out or doubled are refused or evaluated", () => {
  const changed = fc.tuple(expressionSource, fc.nat(), fc.nat(12), fc.boolean())
    .map(([source, at, length, isDoubled]) => {
      const start = at % (source.length + 1);
      const part = source.slice(start, start + length);
      return source.slice(0, start) + (isDoubled ? part + part : "") + source.slice(start + length);
    });
  fc.assert(fc.property(changed, (source) => void evaluated(source)), fuzzRuns(1500));
});

const nested = (depth: number, body: string) =>
  Array.from({ length: depth }).reduce(
    (inner: string, _, level) => `[1,2,3,4,5,6,7,8,9,10].map(x${level}, ${inner})`,
    body,
  );

/** Expressions that would make more than anyone has, and the limit that stops each. */
const GREEDY: readonly (readonly [string, string, RegExp])[] = [
  [
    "a text doubled in a loop",
    `[${"1,".repeat(40)}1].reduce(acc, x, 'ab', acc + acc)`,
    /string-too-long|cost-limit/,
  ],
  [
    "a list doubled in a loop",
    `[${"1,".repeat(40)}1].reduce(acc, x, [1, 2], acc + acc)`,
    /value-too-large|cost-limit/,
  ],
  [
    "a list of itself in a loop",
    `[${"1,".repeat(60)}1].reduce(acc, x, [1, 2], [acc, acc])`,
    /value-too-large|cost-limit/,
  ],
  [
    "a map of itself in a loop",
    `[${"1,".repeat(60)}1].reduce(acc, x, {'a': 1}, {'a': acc, 'b': acc})`,
    /value-too-large|cost-limit/,
  ],
  ["loops in loops", nested(9, "1"), /cost-limit|value-too-large/],
  ["loops in loops that make texts", nested(7, "'a' + string(x0)"), /cost-limit|value-too-large/],
  [
    "replacements that grow",
    `[${"1,".repeat(40)}1].reduce(acc, x, 'aa', acc.replace('a', 'aa'))`,
    /string-too-long|cost-limit/,
  ],
  [
    "joins that grow",
    `[${"1,".repeat(40)}1].reduce(acc, x, 'a', to_json([acc, acc]))`,
    /string-too-long|cost-limit/,
  ],
  [
    "base64 of base64",
    `[${"1,".repeat(60)}1].reduce(acc, x, 'aaa', b64encode(acc))`,
    /string-too-long|cost-limit/,
  ],
  [
    "bytes doubled in a loop",
    `[${"1,".repeat(40)}1].reduce(acc, x, b'ab', acc + acc)`,
    /too-long|too-large|cost-limit/,
  ],
  [
    "flattened lists that grow",
    `[${"1,".repeat(40)}1].reduce(acc, x, [1], flatten([acc, acc]))`,
    /value-too-large|cost-limit/,
  ],
  ["deep JSON in a text", `from_json('${"[".repeat(15_000)}${"]".repeat(15_000)}')`, /./],
  ["deep JSON that is not closed", `from_json('${"[".repeat(30_000)}')`, /./],
  ["deep JSON of maps", `from_json('${'{"a":'.repeat(6_000)}')`, /./],
  [
    "deep values made in a loop",
    `to_json(${"[".repeat(5)}${nested(4, "1")}${"]".repeat(5)}.map(a, a))`,
    /^(?!)/,
  ],
];

for (const [name, source, expected] of GREEDY) {
  Deno.test(`LM-7 ${name} end within the limits`, () => {
    const before = heldBytes();
    const value = evaluated(source);
    ok(heldBytes() - before < 700_000_000);
    if (expected.source === "^(?!)") return ok(value !== undefined);
    ok(value !== undefined && isFault(value), `${source.slice(0, 80)} gave a value`);
    ok(expected.test(value.reason), value.reason);
  });
}

Deno.test("LM-7 depth that a loop builds is no depth that anything overflows on", () => {
  const steps = `[${"1,".repeat(5_000)}1]`;
  for (const wrap of ["[acc]", "{'a': acc}"]) {
    for (
      const use of ["to_json(V)", "V == V", "string(size(V))", "type(V)", "V.contains(1)", "V"]
    ) {
      const made = `${steps}.reduce(acc, x, [0], ${wrap})`;
      const value = evaluated(use.replaceAll("V", `(${made})`));
      ok(value !== undefined);
    }
  }
});
