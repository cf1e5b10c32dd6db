// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { createBudget, isFault, type Value } from "../../../src/language/mod.ts";
import { evaluate, faultOf } from "./evaluate.ts";

/** What an evaluation costs. */
function costOf(source: string, variables: Readonly<Record<string, Value>> = {}): number {
  const budget = createBudget();
  evaluate(source, variables, budget);
  return budget.limits.runCost - budget.runLeft;
}

const COSTS = [
  ["1", 1],
  ["1 + 2", 3],
  ["a.b.c", 3],
  ["a['b'].c", 3],
  ["[1, 2, 3]", 4],
  ["{'a': 1}", 3],
  ["true ? 1 : 1 + 1", 3],
  ["false && (1 + 1 == 2)", 2],
  ["[1, 2].map(x, x)", 8],
  ["size('0123456789')", 3],
  ["lower('0123456789')", 3],
] as const;

for (const [source, cost] of COSTS) {
  Deno.test(`LM-20 ${source} costs ${cost}`, () => {
    equal(costOf(source, { a: { b: { c: 1 } } }), cost);
  });
}

const TEN = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";

/** Macros within macros, ten items each. */
function nested(levels: number, body: string): string {
  return Array.from({ length: levels }).reduceRight<string>(
    (inner, _, level) => `${TEN}.map(x${level}, ${inner})`,
    body,
  );
}

const LIMITED = [
  ["LM-7", "macros within macros", nested(7, "1"), "cost-limit-exceeded"],
  [
    "LM-7",
    "predicates that absorb faults",
    nested(7, "1").replaceAll("map", "all"),
    "cost-limit-exceeded",
  ],
  [
    "LM-8",
    "a text that doubles",
    `${TEN}.map(x, x).reduce(t, x, 'aaaaaaaaaaaaaaaa', t + t + t + t + t)`,
    "string-too-long",
  ],
  [
    "LM-8",
    "a replacement",
    "('a'.replace('', 'x') + 'a').replace('a', inputs.long)",
    "string-too-long",
  ],
  [
    "LM-8",
    "a JSON text of shared parts",
    "to_json([inputs.long, inputs.long, inputs.long])",
    "string-too-long",
  ],
  [
    "LM-9",
    "a list that doubles",
    `${TEN}.reduce(l, x, [1], [l, l, l, l, l, l, l, l])`,
    "value-too-large",
  ],
  [
    "LM-9",
    "a list of a shared list",
    "[inputs.large, inputs.large, inputs.large]",
    "value-too-large",
  ],
  ["LM-9", "many parts", "split(inputs.commas, ',')", "value-too-large"],
  ["LM-4", "a list that grows deep", "inputs.large.reduce(l, x, [], [l])", "nesting-too-deep"],
  ["LM-4", "deep JSON", `from_json('${"[".repeat(101)}${"]".repeat(101)}')`, "nesting-too-deep"],
  [
    "LM-16",
    "look-around that goes back for ever",
    `'${"a".repeat(40)}'.matches('(a+)+(?=b)')`,
    "pattern-too-costly",
  ],
] as const;

const VARIABLES = {
  inputs: {
    long: "0123456789".repeat(60_000),
    large: Array.from({ length: 400_000 }, (_, index) => index),
    commas: ",".repeat(1_048_000),
  },
};

for (const [rule, name, source, code] of LIMITED) {
  Deno.test(`${rule} ${name} ends with ${code}`, () => {
    equal(faultOf(source, VARIABLES).code, code);
  });
}

Deno.test("LM-16 the same pattern without look-around costs little", () => {
  equal(costOf("inputs.matches('(a+)+$')", { inputs: "a".repeat(10_000) }) < 10_000, true);
});

Deno.test("LM-7 every expression has its own allowance, all of them one for the run", () => {
  const budget = createBudget({ expressionCost: 100, runCost: 250 });
  const source = `${TEN}.map(x, x + x)`;
  const results = Array.from({ length: 6 }, () => evaluate(source, {}, budget));
  equal(results.map(isFault).join(), "false,false,false,false,true,true");
});

Deno.test("LM-9 a large value may be built as long as it stays within the limit", () => {
  const source = "inputs.large.map(x, [x]).size() + inputs.large.filter(x, x > 1).size()";
  equal(evaluate(source, VARIABLES, createBudget({ expressionCost: 20_000_000 })), 799_998);
});

Deno.test("EX-37 filter and map take time in proportion to their list", () => {
  const inputs = { l: Array.from({ length: 100_000 }, (_, index) => index) };
  equal(evaluate("inputs.l.filter(x, x % 2 == 0).map(x, x).size()", { inputs }), 50_000);
});
