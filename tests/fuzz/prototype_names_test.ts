// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  compileExpression,
  compileProgram,
  createBudget,
  isFault,
  isJsonObject,
  type JsonObject,
  jsonObject,
  type JsonValue,
  parseExpression,
  readDocuments,
  toJson,
} from "../../src/language/mod.ts";
import { runFunctionTests } from "../../src/testing/mod.ts";
import { definition } from "../language/definitions.ts";
import { fuzzRuns } from "./fuzz_runs.ts";

/** Names that every object of JavaScript has, or that change one. */
const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "isPrototypeOf",
  "__defineGetter__",
  "__lookupSetter__",
  "toJSON",
  "then",
  "length",
] as const;

/** What every object has must be as it was. */
function assertUntouched(): void {
  const own = Object.getOwnPropertyNames(Object.prototype).sort();
  deepEqual(own, OBJECT_NAMES);
  equal(Object.keys({}).length, 0);
  equal(({} as Record<string, unknown>)["polluted"], undefined);
}

const OBJECT_NAMES = Object.getOwnPropertyNames(Object.prototype).sort();

/** One name in every place of definitions that takes names. */
function definitionsWith(name: string): string {
  return [
    definition(
      "ValueFunction",
      "a.v1",
      `locals:
  "${name}": {"${name}": =inputs.${name}.polluted}
  other: =locals.${name}
preconditions:
- assert: =has(inputs.${name}) && '${name}' in inputs
  permFail: {message: not given}
return:
  "${name}": {"${name}": "=locals['${name}'].${name}", polluted: true}
  copied: "=inputs.overlay({'${name}': 1})"
  keys: =inputs.keys()
  made: "={'${name}': 1}.${name}"`,
    ),
    definition(
      "FunctionTest",
      "a-test.v1",
      `functionRef: {kind: ValueFunction, name: a.v1}
inputs: {"${name}": {polluted: yes1}}
testCases:
- expectReturn:
    "${name}": {"${name}": yes1, polluted: true}
    copied: {"${name}": 1}
    keys: ["${name}"]
    made: 1
- inputOverrides: {"${name}": {polluted: again}}
  expectReturn:
    "${name}": {"${name}": again, polluted: true}
    copied: {"${name}": 1}
    keys: ["${name}"]
    made: 1`,
    ),
    definition(
      "Workflow",
      "w.v1",
      `steps:
- label: ${name}
  ref: {kind: ValueFunction, name: a.v1}
  inputs: {"${name}": {polluted: =parent.${name}}}
  state: {"${name}": =value.${name}}
- label: second
  ref: {kind: ValueFunction, name: a.v1}
  inputs: {"${name}": {polluted: =steps.${name}.${name}.${name}}}
  state: {second: "=value['${name}'].${name}"}`,
    ),
    definition(
      "FunctionTest",
      "w-test.v1",
      `functionRef: {kind: Workflow, name: w.v1}
inputs: {"${name}": deep}
testCases:
- expectState: {"${name}": {"${name}": deep, polluted: true}, second: deep}`,
    ),
    definition(
      "ResourceFunction",
      "r.v1",
      `apiConfig: {apiVersion: v1, kind: ConfigMap, name: =inputs.name, namespace: default}
resource: {data: {"${name}": =inputs.name}}
overlays: [{overlay: {data: {"${name}": {"${name}": =resource.data.${name}}}}}]
return: {data: =resource.data.${name}}`,
    ),
    definition(
      "FunctionTest",
      "r-test.v1",
      `functionRef: {kind: ResourceFunction, name: r.v1}
inputs: {name: polluted}
testCases:
- expectResource:
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: polluted, namespace: default}
    data: {"${name}": {"${name}": polluted}}
- expectReturn: {data: {"${name}": polluted}}`,
    ),
  ].join("---\n");
}

for (const name of NAMES) {
  Deno.test(`EX-20 "${name}" is a name like any other in inputs, locals, labels and states`, async () => {
    const program = compileProgram(readDocuments({ path: "a.yaml", text: definitionsWith(name) }));
    deepEqual(program.diagnostics.filter(({ severity }) => severity !== "information"), []);
    const { signal } = new AbortController();
    const { tests } = await runFunctionTests(program, { signal });
    for (const test of tests) {
      deepEqual(
        test.cases.map(({ result, actual }) => result === "pass" || actual),
        test.cases.map(() => true),
        test.name,
      );
    }
    equal(tests.length, 3);
    assertUntouched();
  });
}

/** The result of an expression as JSON, or why there is none. */
function evaluated(source: string, inputs: JsonObject): JsonValue | string {
  const parsed = parseExpression(source);
  if (parsed.type === "failed") return parsed.faults[0]?.message ?? "";
  const value = compileExpression(parsed.expression, source).evaluate({ inputs }, createBudget());
  if (isFault(value)) return value.reason;
  const json = toJson(value);
  return isFault(json) ? json.reason : json;
}

for (const name of NAMES) {
  Deno.test(`EX-30 an expression finds no "${name}" that nobody gave`, () => {
    for (
      const source of [
        `inputs.${name}`,
        `inputs['${name}']`,
        `inputs.a.${name}`,
        `{'x': 1}.${name}`,
      ]
    ) {
      ok(
        /^no key /.test(String(evaluated(source, { a: {} }))),
        `${source}: ${evaluated(source, {})}`,
      );
    }
    equal(
      evaluated(`has(inputs.${name}) || '${name}' in inputs || inputs.contains('${name}')`, {}),
      false,
    );
    ok(
      /^no |^undeclared|unknown/i.test(String(evaluated(`${name}`, {}))),
      String(evaluated(name, {})),
    );
    ok(/^no /.test(String(evaluated(`inputs.${name}()`, {}))));
    ok(/^no /.test(String(evaluated(`${name}(inputs)`, {}))));
    ok(
      /no such overload|no key|no member/.test(String(evaluated(`'text'.${name}`, {}))),
      String(evaluated(`'text'.${name}`, {})),
    );
  });
}

const KEYS = fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 4 }));
const { tree: TREES } = fc.letrec<{ tree: JsonValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<JsonValue>(1, "text", null, true),
    fc.array(fc.tuple(KEYS, tie("tree")), { maxLength: 4 }).map((entries) => jsonObject(entries)),
    fc.array(tie("tree"), { maxLength: 3 }),
  ),
}));

Deno.test("FN-25 FN-36 values with any keys pass through functions without touching a prototype", () => {
  const sources = [
    "from_json(to_json(inputs.a))",
    "[inputs.a].map(x, x)[0]",
    "{'v': inputs.a}.overlay({'v': inputs.a}).v",
    "type(inputs.a) == map ? inputs.a.overlay({}) : inputs.a",
  ];
  fc.assert(
    fc.property(TREES, fc.constantFrom(...sources), (a, source) => {
      deepEqual(sorted(evaluated(source, { a })), sorted(a));
      assertUntouched();
    }),
    fuzzRuns(400),
  );
});

/** Entries in place of maps, so that every key counts and their order does not. */
function sorted(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.keys(value).sort().map((key) => [key, sorted(value[key] ?? null)]);
}
