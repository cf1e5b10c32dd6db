// SPDX-License-Identifier: Apache-2.0

/** EX-20 from end to end: whole numbers are exact from the file to the cluster and back. */

import { deepEqual, equal } from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/language/mod.ts";
import type { KubernetesObject } from "../../src/runtime/ports.ts";
import { parseExactJson, printExactJson } from "../../src/adapters/kubernetes/exact_json.ts";
import { createMemoryApi } from "./memory_api.ts";
import { runDefinitions } from "./run_definitions.ts";

const MAX = 9223372036854775807n;
const MIN = -9223372036854775808n;
const UNSAFE = 9007199254740993n;

const VALUE_FUNCTION = (expression: string) =>
  `kind: ValueFunction\nmetadata: {name: f}\nspec: {return: {v: "=${expression}"}}`;

async function returned(expression: string, inputs: JsonObject): Promise<JsonValue | undefined> {
  const trigger = { apiVersion: "e.dev/v1", kind: "T", metadata: { name: "t" }, spec: inputs };
  const text = [
    VALUE_FUNCTION(expression),
    "kind: Workflow\nmetadata: {name: w}\nspec: {steps: " +
    "[{label: call, ref: {kind: ValueFunction, name: f}, inputs: {s: =parent.spec}}]}",
  ].join("\n---\n");
  const outcome = (await runDefinitions(text, { trigger })).outcome();
  if (outcome?.type !== "Ok") return JSON.stringify(outcome);
  return (outcome.value as JsonObject).v;
}

const KEPT: readonly (readonly [expression: string, n: JsonValue, expected: JsonValue])[] = [
  ["inputs.s.n", MAX, MAX],
  ["inputs.s.n", MIN, MIN],
  ["inputs.s.n", UNSAFE, UNSAFE],
  ["inputs.s.n - 1", MAX, MAX - 1n],
  ["inputs.s.n + 1", MIN, MIN + 1n],
  ["inputs.s.n / 2", MAX, MAX / 2n],
  ["inputs.s.n % 10", MAX, 7],
  ["-inputs.s.n", MAX, -MAX],
  ["inputs.s.n * 3", 3074457345618258602n, 9223372036854775806n],
  ["inputs.s.n == inputs.s.n - 1", MAX, false],
  ["inputs.s.n > inputs.s.n - 1", UNSAFE, true],
  ["inputs.s.n - 9007199254740992", UNSAFE, 1],
  ["string(inputs.s.n)", MAX, "9223372036854775807"],
  ["int(string(inputs.s.n))", MIN, MIN],
  ["to_json([inputs.s.n])", MAX, "[9223372036854775807]"],
  ["from_json(to_json(inputs.s.n))", UNSAFE, UNSAFE],
  ["[inputs.s.n, inputs.s.n - 1].min()", MAX, MAX - 1n],
  ["uint(inputs.s.n)", MAX, MAX],
  ["uint(inputs.s.n) + 1u == 9223372036854775808u", MAX, true],
  ["uint(inputs.s.n) * 2u + 1u == 18446744073709551615u", MAX, true],
  ["uint(inputs.s.n) * 2u + 1u == 18446744073709551614u", MAX, false],
  ["string(uint(inputs.s.n) * 2u + 1u)", MAX, "18446744073709551615"],
  ["int(uint(inputs.s.n))", MAX, MAX],
  ["{inputs.s.n: 'k'}", UNSAFE, { "9007199254740993": "k" }],
];

for (const [expression, n, expected] of KEPT) {
  Deno.test(`EX-20 ${expression} of ${n} is exact`, async () => {
    deepEqual(await returned(expression, { n }), expected);
  });
}

const BEYOND = [
  "inputs.s.n + 1",
  "-(-inputs.s.n - 1)",
  "inputs.s.n * 2",
  "uint(inputs.s.n) * 2u + 2u",
];

for (const expression of BEYOND) {
  Deno.test(`EX-32 ${expression} of the largest int overflows`, async () => {
    const told = await returned(expression, { n: MAX });
    equal(/overflow|range/.test(String(told)), true, String(told));
  });
}

const RESOURCE = (n: string) =>
  "kind: ResourceFunction\nmetadata: {name: f}\nspec: {apiConfig: " +
  "{apiVersion: e.dev/v1, kind: Big, name: obj, namespace: ns, owned: false}, " +
  `resource: {spec: {n: ${n}, l: [${n}]}}, return: {n: =resource.spec.n}}`;

/** An object as it comes back over the wire. */
const overTheWire = (object: KubernetesObject) =>
  parseExactJson(printExactJson(object)) as KubernetesObject;

for (const n of [MAX, MIN, UNSAFE]) {
  Deno.test(`EX-20 ${n} of a definition reaches the API server, and comes back, exactly`, async () => {
    const cluster = createMemoryApi();
    await runDefinitions(RESOURCE(String(n)), { cluster });
    const [body] = cluster.calls.flatMap(({ body }) => body === undefined ? [] : [body]);
    deepEqual(body?.spec, { n, l: [n] });
    const stored = overTheWire(cluster.objects.get("obj") as KubernetesObject);
    deepEqual(stored.spec, { n, l: [n] });
    equal(printExactJson(body ?? null).includes(`"spec":{"n":${n},"l":[${n}]}`), true);
    const applied = (stored.metadata.annotations as JsonObject)[
      "koreo.dev/last-applied-configuration"
    ];
    equal(String(applied).includes(`"n": ${n}, "l": [${n}]`), true, String(applied));
    cluster.objects.set("obj", stored);
    cluster.calls.splice(0);
    const next = await runDefinitions(RESOURCE(String(n)), { cluster });
    deepEqual(next.outcome(), { type: "Ok", value: { n } });
    deepEqual(next.calls, ["GET obj"]);
  });

  Deno.test(`DF-10 a live object that is one beside ${n} differs`, async () => {
    const beside = n === MAX ? n - 1n : n + 1n;
    const cluster = createMemoryApi();
    await runDefinitions(RESOURCE(String(n)), { cluster });
    const stored = cluster.objects.get("obj") as KubernetesObject;
    cluster.objects.set("obj", overTheWire({ ...stored, spec: { n: beside, l: [n] } }));
    const { outcome, writes } = await runDefinitions(RESOURCE(String(n)), { cluster });
    equal(outcome()?.type, "Retry");
    deepEqual(writes.map(({ body }) => (body?.spec as JsonObject | undefined)?.n).slice(-1), [n]);
    equal(
      (outcome() as { readonly message?: string }).message?.includes(
        `<target:[${n}], resource:[${beside}]>`,
      ),
      true,
    );
  });
}

Deno.test("ST-20 EX-20 a state of large numbers is exact", async () => {
  const trigger = { apiVersion: "e.dev/v1", kind: "T", metadata: { name: "t" }, spec: { n: MAX } };
  const text = [
    VALUE_FUNCTION("inputs.n"),
    "kind: Workflow\nmetadata: {name: w}\nspec: {steps: " +
    "[{label: call, ref: {kind: ValueFunction, name: f}, inputs: {n: =parent.spec.n}, " +
    "state: {n: =value.v, less: =value.v - 1}}]}",
  ].join("\n---\n");
  const { workflow } = await runDefinitions(text, { trigger });
  deepEqual(workflow.state, { n: MAX, less: MAX - 1n });
});
