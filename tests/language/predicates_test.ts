// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import {
  createBudget,
  evaluateLocals,
  evaluatePredicates,
  evaluationFailure,
  isFailure,
  type JsonObject,
  type PredicatesResult,
  toJson,
} from "../../src/language/mod.ts";
import { compiled } from "./definitions.ts";

function checked(entries: string, inputs: JsonObject = {}): PredicatesResult {
  const { preconditions } = compiled("ValueFunction", `preconditions:\n${entries}\nreturn: {x: 1}`);
  return evaluatePredicates(preconditions, { inputs, resource: {} }, createBudget());
}

/** What a block comes to, places left out. */
function shownResult(result: PredicatesResult): unknown {
  switch (result.type) {
    case "outcome": {
      const { source: _source, ...outcome } = result.outcome;
      return outcome;
    }
    case "failure":
      return `failure: ${result.failure.reason}`;
    case "return":
      return result.value;
    case "pass":
      return "pass";
  }
}

const CASES: readonly (readonly [string, string, JsonObject, unknown])[] = [
  ["PR-10 a block whose asserts hold passes", "- {assert: =true, skip: {message: no}}", {}, "pass"],
  [
    "PR-10 the first entry that is false fires",
    "- {assert: =true, skip: {message: a}}\n- {assert: =false, skip: {message: b}}\n- {assert: =1/0 > 0, ok: {}}",
    {},
    { type: "Skip", message: "b" },
  ],
  [
    "PR-10 only the message that fires is evaluated",
    "- {assert: =true, skip: {message: =inputs.gone}}\n- {assert: =false, depSkip: {message: b}}",
    {},
    { type: "DepSkip", message: "b" },
  ],
  [
    "PR-9 a message that is not text is converted",
    "- {assert: =false, permFail: {message: =1 + 1}}",
    {},
    {
      type: "PermFail",
      message: "2",
    },
  ],
  ["PR-9 a message may be computed", '- {assert: =false, permFail: {message: ="no " + inputs.x}}', {
    x: "y",
  }, {
    type: "PermFail",
    message: "no y",
  }],
  [
    "PR-6 a delay may be computed",
    "- {assert: =false, retry: {message: m, delay: =inputs.s * 2}}",
    { s: 5 },
    {
      type: "Retry",
      message: "m",
      delaySeconds: 10,
    },
  ],
  [
    "PR-11 a firing ok lets the block pass",
    "- {assert: =false, ok: {}}\n- {assert: =false, skip: {message: x}}",
    {},
    "pass",
  ],
  [
    "PR-12 a firing defaultReturn gives its map as it is",
    "- {assert: =false, defaultReturn: {a: =inputs.x}}",
    {},
    {
      a: "=inputs.x",
    },
  ],
  [
    "PR-14 an assert that fails ends the block",
    "- {assert: =inputs.gone, ok: {}}",
    { other: 1 },
    /gone/,
  ],
  [
    "PR-14 an assert that is no bool ends the block",
    "- {assert: =1, ok: {}}",
    {},
    "failure: expected bool, found 1",
  ],
  [
    "PR-14 a negative delay ends the block",
    "- {assert: =false, retry: {message: m, delay: =0 - 1}}",
    {},
    "failure: expected whole seconds >= 0, found -1",
  ],
  [
    "PR-14 a message that has no text ends the block",
    "- {assert: =false, skip: {message: '=[1]'}}",
    {},
    "failure: expected string, found list",
  ],
];

for (const [name, entries, inputs, expected] of CASES) {
  Deno.test(name, () => {
    const result = shownResult(checked(entries, inputs));
    if (expected instanceof RegExp) ok(expected.test(String(result)), String(result));
    else deepEqual(result, expected);
  });
}

Deno.test("EX-41 a failure becomes a PermFail that names place, part and reason", () => {
  const result = checked("- {assert: =inputs.a.b == 1, ok: {}}", { a: {} });
  ok(result.type === "failure");
  const outcome = evaluationFailure("test:spec.preconditions", result.failure);
  ok(outcome.message?.startsWith("Error evaluating `test:spec.preconditions` (at inputs.a.b) "));
  equal(outcome.location, "test:spec.preconditions");
  deepEqual(outcome.source, { file: "1.k.yaml", line: 6, column: 15 });
});

function localsOf(text: string, inputs: JsonObject = {}): unknown {
  const { locals } = compiled("ValueFunction", `locals:\n${text}\nreturn: {x: 1}`);
  const value = evaluateLocals(locals, { inputs, resource: {} }, createBudget());
  return isFailure(value) ? value.reason : toJson(value);
}

Deno.test("VF-10 locals are evaluated in the order in which they need each other", () => {
  const { locals } = compiled(
    "ValueFunction",
    "locals: {d: =locals.c, a: 1, c: '=locals[\"b\"]', b: =locals.a}\nreturn: {x: 1}",
  );
  deepEqual(locals.map(({ name }) => name), ["a", "b", "c", "d"]);
});

Deno.test("VF-10 locals without needs keep listing order", () => {
  const { locals } = compiled("ValueFunction", "locals: {z: 1, a: 2, m: =3}\nreturn: {x: 1}");
  deepEqual(locals.map(({ name }) => name), ["z", "a", "m"]);
});

Deno.test("VF-10 a local sees the others", () => {
  deepEqual(localsOf("  text: =string(locals.n) + 'x'\n  n: =inputs.n * 2", { n: 4 }), {
    n: 8,
    text: "8x",
  });
});

Deno.test("VF-10 locals keep values that are not JSON", () => {
  deepEqual(
    localsOf(
      "  a: 1\n  wait: =duration('1h')\n  more: =locals.wait + duration('30m')\n  b: =locals.a",
    ),
    { a: 1, wait: "3600s", more: "5400s", b: 1 },
  );
});

Deno.test("VF-10 a local that fails ends the evaluation, also when nothing uses it", () => {
  ok(/gone/.test(String(localsOf("  a: =inputs.gone"))));
});
