// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { compileExpression } from "../../mod.ts";
import { compileProgram, isLongerThan, readDocuments } from "../../src/language/mod.ts";
import { reportJson, runFunctionTests } from "../../src/testing/mod.ts";

/** A text of 1 MiB, ten thousand times in one list: within every limit, and 10 GiB as JSON. */
const LOCALS = `locals:
    text: =[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20].reduce(a, x, 'x', a + a)
    ten: =[1,2,3,4,5,6,7,8,9,10]
    hundred: =locals.ten.map(x, locals.ten).flatten()
    list: =locals.hundred.map(x, locals.hundred.map(y, locals.text))`;

const definition = (kind: string, name: string, spec: string) =>
  `apiVersion: koreo.dev/v1beta1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n  ${spec}\n---\n`;

const TEXT = [
  definition(
    "ResourceFunction",
    "object",
    `apiConfig: {apiVersion: v1, kind: ConfigMap, name: one, namespace: ns}
  ${LOCALS}
  resource: {spec: {list: =locals.list}}`,
  ),
  definition(
    "ResourceFunction",
    "creation",
    `apiConfig: {apiVersion: v1, kind: ConfigMap, name: one, namespace: ns}
  ${LOCALS}
  resource: {}
  create: {overlay: {spec: {list: =locals.list}}}`,
  ),
  definition("ValueFunction", "value", `${LOCALS}\n  return: {list: =locals.list}`),
  definition(
    "Workflow",
    "state",
    `steps:
  - label: one
    ref: {kind: ValueFunction, name: value}
    state: {list: =value.list}`,
  ),
  ...["object", "creation"].map((name) =>
    definition(
      "FunctionTest",
      name,
      `functionRef: {kind: ResourceFunction, name: ${name}}
  testCases: [{expectOutcome: {permFail: {message: "string-too-long: the target has more"}}}]`,
    )
  ),
  definition(
    "FunctionTest",
    "value",
    `functionRef: {kind: ValueFunction, name: value}
  testCases: [{expectReturn: {other: 1}}]`,
  ),
  definition(
    "FunctionTest",
    "state",
    `functionRef: {kind: Workflow, name: state}
  inputs: {}
  testCases: [{expectState: {}, expectOutcome: {ok: {}}}]`,
  ),
].join("");

Deno.test("LM-1 a value that repeats a long text without end is refused where it would be written", async () => {
  const program = compileProgram(readDocuments({ path: "a.k.yaml", text: TEXT }));
  deepEqual(program.diagnostics.filter(({ severity }) => severity !== "information"), []);
  const { signal } = new AbortController();
  const report = await runFunctionTests(program, { signal });
  const results = report.tests.map(({ name, pass }) => [name, pass]);
  deepEqual(results, [["object", true], ["creation", true], ["value", false], ["state", true]]);
  const [actual] = report.tests.flatMap((test) => test.cases).filter(({ result }) =>
    result === "fail"
  );
  equal(actual?.actual, "Ok(data=string-too-long: more than 16777216 characters)");
  ok(reportJson(report).length < 100_000);
});

Deno.test("isLongerThan() stops at the limit, however often a part stands there", () => {
  let value: readonly unknown[] = ["x".repeat(100)];
  for (let level = 0; level < 90; level++) value = [value, value];
  ok(isLongerThan(value as never, 1_000_000));
  equal(isLongerThan({ a: ["b", 1, null, true] }, 100), false);
  equal(isLongerThan("x".repeat(100), 99), true);
  equal(isLongerThan({ ["x".repeat(100)]: 1 }, 99), true);
});

/** Expressions that put a large map or list into many others: 20,000 keys, 20,000 times. */
const REPEATED = [
  "inputs.map.keys().map(key, inputs.map)",
  "inputs.map.keys().map(key, {'a': inputs.map})",
  "inputs.map.keys().map(key, [inputs.map])",
  "inputs.list.map(x, inputs.list)",
  "inputs.list.map(x, size(inputs.map))",
  "inputs.list.filter(x, inputs.map == inputs.other)",
  "inputs.list.exists(x, inputs.map.none == 1)",
  "inputs.list.exists(x, inputs.map.exists(key, true) && false)",
  "inputs.list.map(x, optional.ofNonZeroValue(inputs.map).hasValue())",
  "inputs.list.map(x, inputs.map.keys())",
  "inputs.list.map(x, inputs.map.overlay({}))",
];

const list = Array.from({ length: 20_000 }, (_, index) => index);
const mapOf = (prefix: string) =>
  Object.fromEntries(list.map((index) => [`${prefix}${index}`, index]));
const inputs = { list, map: mapOf("k"), other: mapOf("o") };

for (const source of REPEATED) {
  Deno.test(`LM-7 LM-9 ${source} ends soon`, () => {
    const expression = compileExpression(source);
    let code = "";
    try {
      expression.evaluate({ inputs });
    } catch (error) {
      code = String((error as { code?: string }).code);
    }
    match(code, /^(cost-limit-exceeded|value-too-large|missing-key)$/);
  });
}
