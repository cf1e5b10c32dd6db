// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  compileExpression,
  createBudget,
  isFault,
  parseExpression,
  toJson,
  type Value,
} from "../../../src/language/mod.ts";
import { LIBRARY } from "../../../src/language/expression/functions/library.ts";
import {
  entriesOf,
  isList,
  isMap,
  itemsOf,
} from "../../../src/language/expression/values/containers.ts";
import { typeName } from "../../../src/language/expression/values/value.ts";
import { asJson, named } from "../../../src/language/check/crossing.ts";
import { inferType } from "../../../src/language/check/infer_type.ts";
import { chainKey, createEffort, type TypeFinding } from "../../../src/language/check/inference.ts";
import {
  closedMap,
  join,
  nameOf,
  type StaticType,
  typeOfJson,
  typeText,
  UNKNOWN,
} from "../../../src/language/check/static_type.ts";
import { expressionSource, VARIABLES } from "../expression/generated_expression.ts";

interface Inferred {
  readonly type: StaticType;
  readonly findings: readonly TypeFinding[];
}

function infer(
  source: string,
  variables: Readonly<Record<string, StaticType>> = {},
  tested: readonly (readonly string[])[] = [],
): Inferred {
  const parsed = parseExpression(source);
  if (parsed.type === "failed") throw new TypeError(`Cannot parse ${source}`);
  const findings: TypeFinding[] = [];
  const type = inferType(parsed.expression, {
    source,
    variables: new Map(Object.entries(variables)),
    tested: new Set(tested.map(chainKey)),
    report: (finding) => findings.push(finding),
    effort: createEffort(),
  });
  return { type, findings };
}

/** Whether a value is one of those that a type describes. */
function holds(type: StaticType, value: Value): boolean {
  if (type === UNKNOWN) return true;
  return type.some((known) => {
    if (nameOf(known) !== typeName(value)) return false;
    if (known.type === "list") {
      return isList(value) && itemsOf(value).every((item) => holds(known.item, item));
    }
    if (known.type === "map") {
      return isMap(value) && entriesOf(value).every(({ key, value: member }) => {
        const field = typeof key === "string" ? known.fields.get(key) : undefined;
        return field === undefined ? known.isOpen : holds(field, member);
      });
    }
    return known.constants === undefined || known.constants.some((each) => each === value);
  });
}

/** What may hide a failing part: an operand that decides, a branch or a loop that is not run. */
const MAY_HIDE = /&&|\|\||\?|\.(?:all|exists|exists_one|map|filter)\(/;

Deno.test("DG inferred types hold for every value that a generated expression gives", () => {
  const variables = { inputs: typeOfJson(VARIABLES.inputs) };
  fc.assert(
    fc.property(expressionSource, (source) => {
      const { type, findings } = infer(source, variables);
      const parsed = parseExpression(source);
      if (parsed.type === "failed") return;
      const value = compileExpression(parsed.expression, source)
        .evaluate(VARIABLES, createBudget());
      if (isFault(value)) return;
      ok(holds(type, value), `${source} is no ${typeText(type)}`);
      ok(findings.length === 0 || MAY_HIDE.test(source), `${source}: ${findings[0]?.message}`);
      const json = toJson(value);
      if (!isFault(json)) ok(holds(named(asJson(type)), json), `${source} as JSON`);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("DG every function example has the type of its result and no finding", () => {
  for (const { example: [expression, result] } of LIBRARY) {
    const parsed = parseExpression(expression);
    if (parsed.type === "failed") throw new TypeError(`Cannot parse ${expression}`);
    const value = compileExpression(parsed.expression, expression).evaluate({}, createBudget());
    const { type, findings } = infer(expression);
    deepEqual(findings, [], expression);
    ok(
      !isFault(value) && holds(type, value),
      `${expression} gives ${result}, no ${typeText(type)}`,
    );
  }
});

const CONFIG = closedMap([
  ["text", join(typeOfJson("a"), typeOfJson("b"))],
  ["size", closedMap([["cpu", typeOfJson(1)]])],
  ["list", typeOfJson([1, 2])],
]);

/** Expressions over `steps.config`, and what is said of them. */
const FINDINGS: readonly (readonly [string, string | undefined])[] = [
  ["steps.config.size.cpu + 1", undefined],
  ["steps.config.size.cpus", 'unknown-return-field Cannot read "cpus" of steps.config.size'],
  ["steps.config['siez']", 'unknown-return-field Cannot read "siez" of steps.config'],
  ["steps.config.size['cpus'] + 1", 'unknown-return-field Cannot read "cpus"'],
  ["steps.config.?siez.orValue(1)", undefined],
  ["has(steps.config.siez)", undefined],
  ["steps.config.text.size", "unknown-return-field"],
  ["steps.config.list.map(x, x + 'a')", "impossible-operation Cannot evaluate int + string"],
  ["steps.config.list.map(x, string(x))[0] + 'a'", undefined],
  ["steps.config.list['a']", "unknown-return-field"],
  ["steps.config.list[inputs.i]", undefined],
  ["steps.config.list[true]", "impossible-operation"],
  ["steps.config.size[inputs.key]", undefined],
  ["steps.config.text[0]", "impossible-operation"],
  ["steps.config.text - 1", "impossible-operation"],
  ["1 + 1.0", "impossible-operation"],
  ["1u + 1", "impossible-operation"],
  ["1 < 1.0 && 1u <= 2", undefined],
  ["true && 1", "impossible-operation"],
  ["false && 1 + 'a' == 2", undefined],
  ["inputs.x && steps.config.text", "impossible-operation"],
  ["!steps.config.text", "impossible-operation"],
  ["-steps.config.text", "impossible-operation"],
  ["-inputs.x", undefined],
  ["'a' in steps.config.text", "impossible-operation"],
  ["'a' in steps.config.size", undefined],
  ["steps.config.text ? 1 : 2", "impossible-operation"],
  ["1 == 1 ? 1 : 'a' + 1", undefined],
  ["type(steps.config.text) == int ? steps.config.text + 1 : 0", undefined],
  ["steps.config.text.map(x, x)", "impossible-operation"],
  ["{'a': 1, inputs.k: 2}.b", undefined],
  ["{'a': 1}.b", "unknown-key"],
  ["[1].reduce(acc, x, 'a', acc + x)", undefined],
  ["dyn(1) + 'a'", undefined],
  ["timestamp('2020-01-01T00:00:00Z') + duration('1s') + duration('1s')", undefined],
  ["timestamp('2020-01-01T00:00:00Z') + 1", "impossible-operation"],
  ["size(1)", "impossible-operation"],
  ["steps.config.text.nothing()", undefined],
  ["null.a", "impossible-operation"],
  ["[].map(x, x.anything)", undefined],
  ["optional.of(1).value() + 'a'", undefined],
];

for (const [source, expected] of FINDINGS) {
  Deno.test(`DG ${source} is ${expected === undefined ? "fine" : "told"}`, () => {
    const variables = { steps: closedMap([["config", CONFIG]]) };
    const told = infer(source, variables).findings.map(({ code, message }) => `${code} ${message}`);
    equal(told.length, expected === undefined ? 0 : 1, told.join("; "));
    ok(expected === undefined || told[0]?.startsWith(expected), told.join());
  });
}

Deno.test("DG what a definition asks for is not told as absent", () => {
  const variables = { steps: closedMap([["config", CONFIG]]) };
  const chain = ["steps", "config", "siez"];
  deepEqual(infer("steps.config.siez.deep", variables, [chain]).findings, []);
  equal(infer("steps.config.siez.deep", variables).findings.length, 1);
});

Deno.test("DG a setting counts by its type, a choice by its values", () => {
  const one = named(typeOfJson("a"));
  const two = named(join(typeOfJson("a"), typeOfJson("b")));
  const conditional = (type: StaticType) => infer("x == 'c' ? 1 : 'no'", { x: type }).type;
  equal(typeText(conditional(one)), "int or string");
  equal(typeText(conditional(two)), "int or string");
  deepEqual(two, join(typeOfJson("a"), typeOfJson("b")));
  deepEqual(one, [{ type: "scalar", name: "string" }]);
});

Deno.test("DG types that share parts without end stay small", () => {
  const doubled = () => {
    let type: StaticType = typeOfJson({ a: 1 });
    for (let level = 0; level < 60; level++) type = closedMap([["l", type], ["r", type]]);
    return type;
  };
  // Each part by itself, there would be more of them than anything could hold.
  equal(typeText(named(asJson(join(doubled(), doubled())))), "map");
});
