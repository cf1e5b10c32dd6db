// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  type Budget,
  type BudgetLimits,
  createBudget,
  evaluateLocals,
  evaluatePredicates,
  isFailure,
  type JsonObject,
  type JsonValue,
  type ValueFunction,
} from "../../src/language/mod.ts";
import { isOwnText, makeFunction } from "../../src/language/expression/generate/make_function.ts";
import { type QuickFunction, quickText } from "../../src/language/generate_value_function.ts";
import { isQuick, QUICKENING, runQuickly } from "../../src/language/quick_value_function.ts";
import { specCases } from "../conformance/cel_spec_cases.ts";
import { definition, programOf, ready } from "./definitions.ts";
import { expressionSource, VARIABLES } from "./expression/generated_expression.ts";

interface Spec {
  readonly preconditions?: JsonValue;
  readonly locals?: JsonObject;
  readonly return: JsonObject;
}

function functionOf(spec: Spec): ValueFunction | undefined {
  const program = programOf(definition("ValueFunction", "a.v1", JSON.stringify(spec)));
  const found = program.find("ValueFunction", "a.v1");
  return found.type === "ready" ? found.definition : undefined;
}

function soundFunction(spec: Spec): ValueFunction {
  const program = programOf(definition("ValueFunction", "a.v1", JSON.stringify(spec)));
  return ready(program, "ValueFunction", "a.v1");
}

/** What the closures say, and what it cost; no value for all that is no success. */
function byClosures(fn: ValueFunction, inputs: JsonObject, limits?: Partial<BudgetLimits>) {
  const budget = createBudget(limits);
  const variables = { inputs, resource: {}, locals: undefined };
  const passed = evaluatePredicates(fn.preconditions, variables, budget);
  if (passed.type !== "pass") return undefined;
  const locals = evaluateLocals(fn.locals, variables, budget);
  if (isFailure(locals)) return undefined;
  const value = fn.return?.apply({}, { ...variables, locals }, budget);
  return value === undefined || isFailure(value) ? undefined : { value, spent: spent(budget) };
}

function spent({ limits, runLeft }: Budget): number {
  return limits.runCost - runLeft;
}

/** Every part of a value in its order, with its type. */
function exact(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(exact);
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).map(([key, member]) => [key, exact(member)]);
  }
  return [typeof value, Object.is(value, -0) ? "-0" : String(value)];
}

/** The generated function. */
function quickFunctionOf(fn: ValueFunction): QuickFunction | undefined {
  const made = quickText(fn);
  return made &&
    makeFunction(made.text, made.constants.length)?.(...made.constants) as QuickFunction;
}

/** Compares both ways; tells whether generated code gave a value. */
function agree(fn: ValueFunction, inputs: JsonObject, limits?: Partial<BudgetLimits>): boolean {
  const quick = quickFunctionOf(fn);
  if (quick === undefined) return false;
  const budget = createBudget(limits);
  const value = quick(inputs, {}, budget);
  if (value === undefined) {
    equal(spent(budget), 0);
    return false;
  }
  const meant = byClosures(fn, inputs, limits);
  ok(meant !== undefined, "the closures give no value");
  deepEqual(exact(value), exact(meant.value));
  equal(spent(budget), meant.spent);
  return true;
}

Deno.test("LM-20 generated code gives what closures give, at the same cost, or gives up", () => {
  let given = 0;
  let meant = 0;
  fc.assert(
    fc.property(expressionSource, (source) => {
      const fn = functionOf({
        locals: { a: `=${source}`, b: { c: ["=locals.a", 1] } },
        return: { a: "=locals.a", b: { c: "=locals.b.c[0] == locals.a", d: `=${source}` } },
      });
      if (fn === undefined) return;
      if (agree(fn, VARIABLES.inputs)) given++;
      if (byClosures(fn, VARIABLES.inputs) !== undefined) meant++;
    }),
    { numRuns: 1_500 },
  );
  ok(given > meant / 2, `${given} of ${meant} were given by generated code`);
});

/** Inputs of any sort where the expressions of VALUES read them. */
const anyInputs = fc.record({
  n: fc.oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }),
  ),
  s: fc.oneof(fc.string(), fc.string({ minLength: 9, maxLength: 25 })),
  t: fc.oneof(fc.boolean(), fc.constant(null)),
  l: fc.array(fc.oneof(fc.integer(), fc.string(), fc.boolean()), { maxLength: 14 }),
  m: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true }),
  any: fc.jsonValue({ maxDepth: 3 }),
}, { requiredKeys: ["n", "s"], noNullPrototype: true });

/** One for each form that is generated, in the manner of real definitions. */
const VALUES: readonly string[] = [
  "inputs",
  "inputs.any",
  "inputs.m.a",
  "inputs['m']['a'].b",
  "has(inputs.m) ? inputs.m : {}",
  "has(inputs.m.a.b)",
  "has(inputs.any.a) && has(inputs.m)",
  "has(locals.first.x)",
  "locals",
  "locals.first.x",
  "locals.first",
  "locals.size + 1",
  "resource",
  "has(resource.a)",
  "inputs.n + 1",
  "inputs.n - 1",
  "inputs.n * -1",
  "inputs.n * inputs.n",
  "inputs.n / 2",
  "inputs.n % 7",
  "inputs.n > 3 && inputs.s.startsWith('a')",
  "inputs.n <= 3 || !inputs.t",
  "inputs.n > 10 ? 'large' : (inputs.n > 3 ? 'medium' : 'small')",
  "inputs.s + '-' + string(inputs.n)",
  "inputs.s + inputs.s",
  "inputs.any + inputs.any",
  "inputs.s < 'm'",
  "inputs.n == 1",
  "inputs.s == 'a'",
  "inputs.s != inputs.s + ''",
  "inputs.any == inputs.m",
  "inputs.any == null",
  "inputs.any != 1.5",
  "'a' in inputs.m",
  "inputs.n in inputs.l",
  "inputs.l[0]",
  "inputs.l[inputs.n]",
  "inputs.m[inputs.s]",
  "size(inputs.s) + size(inputs.l) + size(inputs.m)",
  "size(inputs.any)",
  "inputs.s.split('a')",
  "inputs.s.lower()",
  "inputs.s.replace('a', 'bcd')",
  "inputs.s.matches('^[a-m]+$')",
  "inputs.s.contains('a') ? 1 : 'x'",
  "inputs.l.contains(1)",
  "string(inputs.any)",
  "int(inputs.s)",
  "double(inputs.n) > 1.0",
  "timestamp('2020-01-01T00:00:00Z') < timestamp('2021-01-01T00:00:00Z')",
  "string(timestamp('2020-01-01T00:00:00Z'))",
  "inputs.?any.orValue('none')",
  "to_json(inputs.any)",
  "inputs.m.overlay({'extra': inputs.s})",
  "{'app': inputs.s, 'list': [inputs.n, inputs.any], 'map': {'k': inputs.m}}",
  "{inputs.s: 1}",
  "{'a': 1, 'b': null}",
  "[inputs.l, [1, 2], []]",
  "[?inputs.?any]",
  "inputs.l.map(x, {'x': x, 'name': 'p-' + string(x)})",
  "inputs.l.filter(x, x > 3)",
  "inputs.l.map(x, x != 1, x)",
  "inputs.l.all(x, size(string(x)) < 20)",
  "inputs.l.exists(x, x == 2)",
  "inputs.l.exists_one(x, x == true)",
  "inputs.m.map(k, k + '=')",
  "inputs.l.map(x, inputs.l.map(y, [x, y]))",
  "inputs.l.map(inputs, inputs)",
  "inputs.l.map(x, timestamp('2020-01-01T00:00:00Z') < timestamp(x))",
  "inputs.l.reduce(acc, x, 0, acc + 1)",
  "inputs.s.split('a').map(p, p + '!').filter(p, p != '!')",
  "type(inputs.n) == int",
  `inputs.n${" + 1".repeat(60)}`,
  `${"inputs.n > 3 ? (".repeat(30)}inputs.n${") : 1".repeat(30)}`,
  `[1, 2].map(x, ${"[".repeat(30)}x${"]".repeat(30)})`,
];

for (const value of VALUES) {
  Deno.test(`LM-20 generated code and closures agree on ${value}`, () => {
    const fn = soundFunction({
      preconditions: [{ assert: "=inputs.n != 5", retry: { message: "five", delay: 1 } }],
      locals: { first: { x: "=inputs.s", y: "constant" }, size: "=size(inputs.s)" },
      return: { value: `=${value}`, more: { constant: [1, { a: null }] } },
    });
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        agree(fn, inputs as JsonObject);
      }),
      { numRuns: 60 },
    );
  });
}

Deno.test("LM-20 most forms of expressions are generated and give values", () => {
  const inputs = {
    ...{ n: 7, s: "banana-banana", t: true, l: [1, 2, 3, true], any: { a: 1 } },
    m: { a: { b: 1 }, "banana-banana": 1 },
  };
  const silent = VALUES.filter((value) =>
    !agree(
      soundFunction({
        locals: { first: { x: "=inputs.s", y: "constant" }, size: "=size(inputs.s)" },
        return: { value: `=${value}` },
      }),
      inputs,
    )
  );
  deepEqual(
    silent,
    [
      "inputs.any + inputs.any", // a fault: maps are not added
      "inputs.l[inputs.n]", // a fault: there are not so many
      "int(inputs.s)", // a fault: it is no number
      "inputs.l.filter(x, x > 3)", // a fault: true is not compared
      "inputs.l.map(x, timestamp('2020-01-01T00:00:00Z') < timestamp(x))",
      "string(inputs.any)", // a fault: a map is no text
    ].sort((a, b) => VALUES.indexOf(a) - VALUES.indexOf(b)),
  );
});

Deno.test("EX-30 generated code agrees on the cases of the CEL specification", () => {
  let given = 0;
  for (const { expr } of specCases()) {
    const fn = functionOf({ return: { value: `=${expr}` } });
    if (fn !== undefined && agree(fn, {})) given++;
  }
  ok(given > 500, `only ${given} gave a value`);
});

Deno.test("LM-7 generated code stops where the closures stop", () => {
  const source = "inputs.l.map(x, inputs.l.map(y, inputs.l.map(z, 'a' + string(z))))";
  const fn = soundFunction({ return: { value: `=${source}` } });
  const inputs = { l: Array.from({ length: 5 }, (_, index) => index) };
  const whole = byClosures(fn, inputs)?.spent ?? 0;
  for (const left of [-1, 0, 1]) {
    equal(agree(fn, inputs, { expressionCost: whole + left }), left >= 0);
    equal(agree(fn, inputs, { runCost: whole + left }), left >= 0);
  }
  const large = { l: Array.from({ length: 10_000 }, () => 1) };
  equal(agree(fn, large), false);
});

Deno.test("LM-7 an allowance for each expression may be exceeded by all together", () => {
  const fn = soundFunction({ return: { a: "=inputs.s + 'a'", b: "=inputs.s + 'b'" } });
  const limits = { expressionCost: 4 };
  ok(byClosures(fn, { s: "x" }, limits) !== undefined);
  equal(agree(fn, { s: "x" }, limits), false);
});

/** Texts that would be code if they were taken as such. */
const hostile = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "prototype",
    "while",
    "');globalThis.hacked=1;('",
    '");globalThis.hacked=1;("',
    "`${globalThis.hacked=1}`",
    "\\",
    "\\'",
    "\u2028",
    "\u2029globalThis.hacked=1",
    "*/globalThis.hacked=1/*",
    "//",
    "<!--",
    "c0",
    "v0",
    "n",
    "budget",
    "return",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);

Deno.test("no text of a definition enters generated code", () => {
  let generated = 0;
  fc.assert(
    fc.property(hostile, hostile, hostile, (name, key, text) => {
      const quoted = JSON.stringify(text.replace(/[^\x20-\uffff]/g, ""));
      const spec = {
        locals: { [name]: { [key]: text.replace(/^=/, " ") }, use: "=inputs.s" },
        return: {
          [key]: "=inputs.s",
          [name]: `=[${quoted}, inputs[${quoted}], {${quoted}: inputs.s}, inputs.s + ${quoted}]`,
          more: `=has(inputs.a) ? locals.use : inputs.s.replace(${quoted}, 'x')`,
        },
      };
      const fn = functionOf(spec);
      const made = fn && quickText(fn);
      if (fn === undefined || made === undefined) return;
      generated++;
      ok(isOwnText(made.text), made.text);
      agree(fn, { s: text, [text]: 1 });
    }),
    { numRuns: 500 },
  );
  ok(generated > 50, `only ${generated} were generated`);
  ok(!("hacked" in globalThis));
});

for (
  const text of ["x", "process", "'a'", '"a"', "`a`", "c", "v1x", "\\u0061", "a.b", "/* */ é", "#"]
) {
  Deno.test(`text with ${text} is not our own`, () => equal(isOwnText(`return ${text};`), false));
}

/** Runs a ValueFunction so often. */
function runs(fn: ValueFunction, times: number, inputs: JsonObject): number {
  let given = 0;
  for (let time = 0; time < times; time++) {
    if (runQuickly(fn, { inputs, base: {} }, createBudget()) !== undefined) given++;
  }
  return given;
}

Deno.test("a ValueFunction is generated once it has run often", () => {
  const fn = soundFunction({ return: { a: "=inputs.s" } });
  equal(runs(fn, QUICKENING.afterRuns, { s: "x" }), 0);
  equal(isQuick(fn), false);
  equal(runs(fn, 10, { s: "x" }), 10);
  equal(isQuick(fn), true);
  equal(runQuickly(fn, { inputs: { s: "x" }, base: { a: 1 } }, createBudget()), undefined);
});

Deno.test("generated code that gives up too often is dropped for good", () => {
  const fn = soundFunction({ return: { a: "=inputs.s" } });
  runs(fn, QUICKENING.afterRuns + 1, { s: "x" });
  for (let turn = 0; turn < 20; turn++) {
    runs(fn, 950, { s: "x" });
    runs(fn, 50, {});
  }
  equal(isQuick(fn), true);
  runs(fn, 1_000, {});
  equal(isQuick(fn), false);
  equal(runs(fn, QUICKENING.afterRuns * 2, { s: "x" }), 0);
});

Deno.test("functions of one shape have one text, whatever their names and texts", () => {
  const texts = ["s", "other"].map((name) =>
    quickText(soundFunction({ return: { [name]: `=inputs.${name} + '${name}'` } }))?.text
  );
  ok(texts[0] !== undefined);
  equal(texts[0], texts[1]);
});

Deno.test("no more is generated than there is room for", () => {
  const { maxLength } = QUICKENING;
  QUICKENING.maxLength = 0;
  try {
    const fn = soundFunction({ return: { roomy: "=[inputs.s, inputs.s, [inputs.s]]" } });
    equal(runs(fn, QUICKENING.afterRuns + 10, { s: "x" }), 0);
  } finally {
    QUICKENING.maxLength = maxLength;
  }
});

Deno.test("what is too large is left to the closures", () => {
  const members = Array.from({ length: 3_000 }, (_, at) => [`k${at}`, "=inputs.s + 'a'"]);
  equal(
    quickText(soundFunction({ return: Object.fromEntries(members) })),
    undefined,
  );
  const long = `='${"x".repeat(2_000)}' + inputs.s`;
  equal(quickText(soundFunction({ return: { a: long } })), undefined);
});
