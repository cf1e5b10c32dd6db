// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { createBudget, type JsonObject, type Outcome } from "../../src/language/mod.ts";
import { runValueFunction } from "../../src/runtime/mod.ts";
import { compiled, ready } from "./compiled.ts";

interface Case {
  readonly name: string;
  readonly spec: string;
  readonly inputs?: JsonObject;
  readonly base?: JsonObject;
  readonly expected: Outcome;
}

function runCase({ spec, inputs, base }: Omit<Case, "name" | "expected">): Outcome {
  const program = compiled(`
    kind: ValueFunction
    metadata: {name: vf}
    spec: ${spec}`);
  const call = {
    location: "loc",
    ...(inputs ? { inputs } : {}),
    ...(base ? { base } : {}),
  };
  const outcome = runValueFunction(ready(program, "ValueFunction", "vf"), call, {
    budget: createBudget(),
  });
  const { source: _, ...rest } = outcome as Outcome & { source?: unknown };
  return rest;
}

const CASES: readonly Case[] = [
  {
    name: "VF-5 inputs and resource are empty maps unless given",
    spec: "{return: {i: =inputs, r: =resource}}",
    expected: { type: "Ok", value: { i: {}, r: {} } },
  },
  {
    name: "VF-6 without a return the value is null, and locals are not evaluated",
    spec: "{preconditions: [{assert: =true, ok: {}}], locals: {a: =inputs.absent}}",
    expected: { type: "Ok", value: null },
  },
  {
    name: "VF-6 the return is an overlay onto the base",
    spec: "{return: {a: {x: =resource.a.y}, b: {}}}",
    base: { a: { y: 1 }, b: { c: 1 }, d: 2 },
    expected: { type: "Ok", value: { a: { y: 1, x: 1 }, b: {}, d: 2 } },
  },
  {
    name: "VF-6 preconditions come first, and name their place",
    spec: "{preconditions: [{assert: =false, retry: {message: ='not ' + inputs.x, delay: 7}}], " +
      "locals: {a: =inputs.absent}, return: {v: 1}}",
    inputs: { x: "yet" },
    expected: {
      type: "Retry",
      message: "not yet",
      delaySeconds: 7,
      location: "loc:spec.preconditions",
    },
  },
  {
    name: "VF-10 locals use each other in any order",
    spec: "{locals: {b: =locals.a + 1, a: =1}, return: {v: =locals.b}}",
    expected: { type: "Ok", value: { v: 2 } },
  },
  {
    name: "PR-11 a firing ok goes on with the body",
    spec: "{preconditions: [{assert: =false, ok: {}}, {assert: =false, skip: {message: no}}], " +
      "return: {v: 1}}",
    expected: { type: "Ok", value: { v: 1 } },
  },
  {
    name: "PR-12 defaultReturn is the value",
    spec: "{preconditions: [{assert: =false, defaultReturn: {a: {b: 1}}}], return: {v: =1 / 0}}",
    expected: { type: "Ok", value: { a: { b: 1 } } },
  },
  {
    name: "PR-12 defaultReturn is merged onto the base as return would be",
    spec: "{preconditions: [{assert: =false, defaultReturn: {a: {b: 1}, e: {}}}], return: {v: 1}}",
    base: { a: { c: 2 }, e: { f: 1 } },
    expected: { type: "Ok", value: { a: { c: 2, b: 1 }, e: {} } },
  },
];

for (const { name, expected, ...given } of CASES) {
  Deno.test(name, () => deepEqual(runCase(given), expected));
}

Deno.test("EX-41 failures name the place", () => {
  const places = [
    ["{preconditions: [{assert: =inputs.x, skip: {message: m}}]}", "loc:spec.preconditions"],
    ["{locals: {a: =inputs.x}, return: {v: 1}}", "loc:spec.locals"],
    ["{return: {v: =inputs.x}}", "loc:spec.return"],
  ] as const;
  for (const [spec, place] of places) {
    const outcome = runCase({ spec });
    equal(outcome.type === "PermFail" && outcome.location, place);
    equal(
      outcome.type === "PermFail" &&
        outcome.message?.startsWith(`Error evaluating \`${place}\` (at inputs.x) `),
      true,
    );
  }
});

Deno.test("VF-6 the base is not changed", () => {
  const base = { a: { y: 1 } };
  runCase({ spec: "{return: {a: {y: 2}}}", base });
  deepEqual(base, { a: { y: 1 } });
});
