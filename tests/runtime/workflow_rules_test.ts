// SPDX-License-Identifier: Apache-2.0

/** Rules of chapters 11 and 12 about one run, on definitions as they are written. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { JsonObject, JsonValue, Outcome } from "../../src/language/mod.ts";
import type { KubernetesObject } from "../../src/runtime/ports.ts";
import { recordTooLarge } from "../../src/runtime/managed_record.ts";
import { programOf, runDefinitions } from "./run_definitions.ts";

/** Functions that end in each way; `echo` gives its inputs back. */
const LOGIC = [
  "kind: ValueFunction\nmetadata: {name: echo}\nspec: {return: {i: =inputs}}",
  ...Object.entries({
    skipped: "skip: {message: s}",
    later: "depSkip: {message: d}",
    waiting: "retry: {message: r, delay: 9}",
    failed: "permFail: {message: p}",
  }).map(([name, action]) =>
    `kind: ValueFunction\nmetadata: {name: ${name}}\n` +
    `spec: {preconditions: [{assert: =false, ${action}}], return: {a: 1}}`
  ),
  "kind: ResourceFunction\nmetadata: {name: map}\nspec: {" +
  "apiConfig: {apiVersion: v1, kind: ConfigMap, name: =inputs.name, namespace: ns}, " +
  "resource: {}, return: {name: =inputs.name}}",
];

const workflow = (steps: readonly string[], name = "w", more = "") =>
  `kind: Workflow\nmetadata: {name: ${name}}\nspec: {${more}steps: [${steps.join(", ")}]}`;
const ref = (name: string) => `ref: {kind: ValueFunction, name: ${name}}`;
const step = (label: string, rest: string) => `{label: ${label}, ${rest}}`;

function run(
  steps: readonly string[],
  spec: JsonValue = {},
  objects?: readonly KubernetesObject[],
) {
  const trigger = { apiVersion: "e.dev/v1", kind: "T", metadata: { name: "t" }, spec };
  return runDefinitions([...LOGIC, workflow(steps)].join("\n---\n"), {
    trigger,
    ...(objects ? { objects } : {}),
  });
}

/** Codes of the errors. */
function codes(...documents: readonly string[]): readonly string[] {
  const { diagnostics } = programOf([...LOGIC, ...documents].join("\n---\n"));
  return diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code);
}

// --- 11.1: fields

Deno.test("WF-5 a switch needs switchOn and cases, and runs the Logic of the case", async () => {
  const cases = "cases: [{case: a, kind: ValueFunction, name: skipped}, " +
    "{case: b, kind: ValueFunction, name: echo}]";
  const { outcome } = await run(
    [step("one", `refSwitch: {switchOn: =parent.spec.x, ${cases}}`)],
    { x: "b" },
  );
  equal(outcome("one")?.type, "Ok");
  deepEqual(codes(workflow([step("one", `refSwitch: {${cases}}`)])), ["missing-field"]);
  deepEqual(codes(workflow([step("one", "refSwitch: {switchOn: =parent.x}")])), ["missing-field"]);
});

Deno.test("WF-7 skipIf skips the step, and false does not", async () => {
  const { outcome } = await run([
    step("one", `${ref("echo")}, skipIf: =parent.spec.x`),
    step("two", `${ref("echo")}, skipIf: =!parent.spec.x`),
  ], { x: true });
  deepEqual(outcome("one"), { type: "Skip", message: "skipped by workflow" });
  equal(outcome("two")?.type, "Ok");
});

Deno.test("WF-9 nothing is passed to the Logic but its inputs", async () => {
  const { outcome } = await run([
    step("one", ref("echo")),
    step("two", `${ref("echo")}, inputs: {x: =parent.spec.x, y: literal}`),
  ], { x: 1, z: 2 });
  deepEqual(outcome("one"), { type: "Ok", value: { i: {} } });
  deepEqual(outcome("two"), { type: "Ok", value: { i: { x: 1, y: "literal" } } });
});

Deno.test("WF-1 X17 apiGroup: '' is the core group", () => {
  const { definitions } = programOf([
    ...LOGIC,
    workflow([step("one", ref("echo"))], "w", "crdRef: {apiGroup: '', version: v1, kind: Pod}, "),
  ].join("\n---\n"));
  const found = definitions.find(({ id }) => id.name === "w");
  deepEqual(found?.type === "Workflow" && found.crdRef, {
    apiGroup: "",
    version: "v1",
    kind: "Pod",
  });
});

Deno.test("X19 a case value twice in one switch is an error", () => {
  const cases = "cases: [{case: a, kind: ValueFunction, name: echo}, " +
    "{case: a, kind: ValueFunction, name: skipped}]";
  deepEqual(codes(workflow([step("one", `refSwitch: {switchOn: =parent.x, ${cases}}`)])), [
    "duplicate-case",
  ]);
});

Deno.test("LM-11 D17 100 steps run, configStep included, 101 are too many", () => {
  const steps = (count: number) =>
    workflow(
      Array.from({ length: count }, (_, index) => step(`step${index}`, ref("echo"))),
      "w",
      `configStep: {${ref("echo")}}, `,
    );
  deepEqual(codes(steps(99)), []);
  deepEqual(codes(steps(100)), ["too-many-steps"]);
});

// --- order and dependencies

Deno.test("D9 WF-13 steps may be listed before what they refer to", async () => {
  const { outcome, workflow } = await run([
    step("three", `${ref("echo")}, inputs: {v: =steps.two.i.v + 1}`),
    step("two", `${ref("echo")}, inputs: {v: =steps.one.i.v + 1}`),
    step("one", `${ref("echo")}, inputs: {v: 1}`),
  ]);
  deepEqual(outcome("three"), { type: "Ok", value: { i: { v: 3 } } });
  deepEqual([...workflow.steps.keys()], ["one", "two", "three"]);
});

Deno.test("X11 the first failing dependency is the first in listing order", async () => {
  const steps = ["waiting", "failed"].map((name) => step(`${name}1`, ref(name)));
  const tested = step("tested", `${ref("echo")}, inputs: {a: =steps.failed1, b: =steps.waiting1}`);
  for (const listed of [[...steps, tested], [tested, ...steps]]) {
    const { outcome } = await run(listed);
    match(String((outcome("tested") as { message?: string }).message), /^'waiting1' is waiting/);
  }
});

Deno.test("X6 without dependencies steps is an empty map, and resource is one in a step", async () => {
  const text = [
    "kind: ValueFunction\nmetadata: {name: seen}\n" +
    "spec: {preconditions: [{assert: '=resource == {}', permFail: {message: no}}], " +
    "locals: {r: =resource}, return: {r: =locals.r}}",
    workflow([step("one", `${ref("seen")}, inputs: {s: =steps}`)]),
  ].join("\n---\n");
  deepEqual((await runDefinitions(text)).outcome("one"), { type: "Ok", value: { r: {} } });
});

Deno.test("E5 parent has apiVersion, kind and status too", async () => {
  const trigger = {
    apiVersion: "e.dev/v1",
    kind: "T",
    metadata: { name: "t" },
    spec: {},
    status: { phase: "Old", state: { a: 1 } },
  };
  const inputs =
    "{a: =parent.apiVersion + parent.kind, b: =parent.status.phase, c: =parent.state.a}";
  const text = [...LOGIC, workflow([step("one", `${ref("echo")}, inputs: ${inputs}`)])];
  const { outcome } = await runDefinitions(text.join("\n---\n"), { trigger });
  deepEqual(outcome("one"), { type: "Ok", value: { i: { a: "e.dev/v1T", b: "Old", c: 1 } } });
});

/** What a dependency ends with, and whether a DepSkip because of it is rooted in a Skip. */
const ROOTS = [
  ["skipped", true],
  ["later", false],
  ["waiting", false],
  ["failed", false],
] as const;

for (const [name, isRooted] of ROOTS) {
  Deno.test(`OC-12 a DepSkip behind ${name} is ${isRooted ? "" : "not "}rooted in a Skip`, async () => {
    const state = "state: {a: =value.i}";
    const { workflow } = await run([
      step("cause", ref(name)),
      step("first", `${ref("echo")}, inputs: {a: =steps.cause}, state: {first: =value.i}`),
      step("second", `${ref("echo")}, inputs: {a: =steps.first}, ${state}`),
    ]);
    equal(workflow.steps.get("second")?.outcome.type, "DepSkip");
    // ST-23: only what is not rooted in a Skip keeps its present state.
    deepEqual([...workflow.keptStateKeys].sort(), isRooted ? [] : ["a", "first"]);
  });
}

// --- readiness, items, overall outcome

Deno.test("WF-30 every Logic of every case must be ready, used or not; what it lacks may not be", async () => {
  const cases = (name: string) =>
    `refSwitch: {switchOn: a, cases: [{case: a, kind: ValueFunction, name: echo}, ` +
    `{case: b, kind: ValueFunction, name: ${name}}]}`;
  const missing = await run([step("one", ref("echo")), step("two", cases("gone"))]);
  equal(missing.workflow.steps.size, 0);
  deepEqual(missing.workflow.outcome, {
    type: "Retry",
    delaySeconds: 15,
    message: "'ValueFunction:gone' not cached; will retry.",
    location: "w:spec.steps['two'][1].ValueFunction:gone",
  });
  const text = [
    ...LOGIC,
    workflow([step("inner", ref("gone"))], "sub"),
    workflow([step("one", ref("echo")), step("two", "ref: {kind: Workflow, name: sub}")]),
  ].join("\n---\n");
  const indirect = await runDefinitions(text);
  equal(indirect.outcome("one")?.type, "Ok");
  equal(indirect.outcome("two")?.type, "Retry");
});

Deno.test("WF-45 ST-43 resource ids of items are a list in item order, null without one", async () => {
  const cases = "cases: [{case: map, kind: ResourceFunction, name: map}, " +
    "{case: none, kind: ValueFunction, name: echo}]";
  const { workflow } = await run([
    step(
      "items",
      `forEach: {itemIn: '=["map", "none", "map"]', inputKey: item}, ` +
        `inputs: {name: x}, refSwitch: {switchOn: =inputs.item, ${cases}}`,
    ),
  ]);
  const { resources } = workflow.managedResources as { readonly resources: JsonObject };
  const ids = resources.items as readonly (JsonObject | null)[];
  deepEqual(ids.map((id) => id?.name ?? null), ["x", null, "x"]);
});

Deno.test("DG too-many-items: a forEach over more than 1,000 items fails before any is run", async () => {
  const items = (count: number) =>
    run([step("items", `${ref("echo")}, forEach: {itemIn: =parent.spec.l, inputKey: i}`)], {
      l: Array.from({ length: count }, (_, index) => index),
    });
  const outcome = (await items(1001)).outcome("items");
  ok(outcome?.type === "PermFail");
  match(String(outcome.message), /^too-many-items/);
  equal((await items(1000)).outcome("items")?.type, "Ok");
});

const OVERALL: readonly (readonly [steps: readonly string[], expected: string])[] = [
  [["later"], "DepSkip"],
  [["later", "skipped"], "Skip"],
  [["skipped", "echo", "later"], "Ok"],
  [["echo", "waiting"], "Retry"],
  [["waiting", "failed", "echo"], "PermFail"],
];

for (const [names, expected] of OVERALL) {
  Deno.test(`WF-55 the overall outcome of ${names.join(", ")} is ${expected}`, async () => {
    const { workflow } = await run(names.map((name) => step(`${name}1`, ref(name))));
    equal(workflow.outcome.type, expected);
  });
}

Deno.test("WF-55 what is combined is in listing order", async () => {
  const { workflow } = await run([
    step("second", `${ref("echo")}, inputs: {a: 2, b: '=has(steps.first)'}`),
    step("first", `${ref("echo")}, inputs: {a: 1}`),
  ]);
  const values = workflow.outcome as Outcome & { readonly value: readonly JsonObject[] };
  deepEqual(values.value.map((value) => (value.i as JsonObject).a), [2, 1]);
});

Deno.test("ST-24 the state of a sub-Workflow holds only what this run produced", async () => {
  const text = [
    ...LOGIC,
    workflow(
      [
        step("good", `${ref("echo")}, inputs: {v: =parent.v}, state: {good: =value.i.v}`),
        step("bad", `${ref("echo")}, state: {bad: =value.gone}`),
      ],
      "sub",
    ),
    workflow([
      step("one", "ref: {kind: Workflow, name: sub}, inputs: {v: 1}, state: {all: =value}"),
    ]),
  ].join("\n---\n");
  const trigger = {
    apiVersion: "e.dev/v1",
    kind: "T",
    metadata: { name: "t" },
    spec: {},
    status: { state: { good: 9, bad: 9, all: { bad: 9 } } },
  };
  const { outcome, workflow: result } = await runDefinitions(text, { trigger });
  deepEqual(outcome("one"), { type: "Ok", value: { good: 1 } });
  deepEqual(result.state, { all: { good: 1 } });
  deepEqual(result.stateErrors, {});
});

Deno.test("EX-11 switchOn sees the item, EX-12 state does not", async () => {
  const { outcome, workflow } = await run([
    step(
      "items",
      'forEach: {itemIn: \'=["a", "b"]\', inputKey: item}, inputs: {x: 1}, ' +
        "refSwitch: {switchOn: =inputs.item, cases: [{case: a, kind: ValueFunction, name: echo}, " +
        "{case: b, kind: ValueFunction, name: skipped}]}, " +
        "state: {x: =inputs.x, item: '=has(inputs.item)', count: =size(value)}",
    ),
  ]);
  deepEqual(outcome("items"), { type: "Ok", value: [{ i: { x: 1, item: "a" } }, null] });
  deepEqual(workflow.state, { x: 1, item: false, count: 2 });
});

/** A result of a type that its field does not take. */
const WRONG_TYPES: readonly (readonly [field: string, step: string, message: string])[] = [
  ["skipIf", `${ref("echo")}, skipIf: =1`, "`skipIf` must evaluate to a bool, received '1' a int"],
  [
    "forEach.itemIn",
    `${ref("echo")}, forEach: {itemIn: '={}', inputKey: i}`,
    "Step `w.spec.steps.one.forEach.itemIn` must be a list-type, received map.",
  ],
  [
    "switchOn",
    "refSwitch: {switchOn: =1.5, cases: [{case: a, kind: ValueFunction, name: echo}]}",
    "`switchOn` must evaluate to a string, int or bool value, received '1.5' a double",
  ],
];

for (const [field, tested, message] of WRONG_TYPES) {
  Deno.test(`EX-42 X1 ${field} of a wrong type fails in the words of its rule`, async () => {
    const outcome = (await run([step("one", tested)])).outcome("one");
    ok(outcome?.type === "PermFail");
    equal(outcome.message, message);
  });
}

Deno.test("X2 the location of an evaluation error is the place", async () => {
  const { outcome } = await run([step("one", `${ref("echo")}, inputs: {a: =parent.spec.gone}`)]);
  equal((outcome("one") as { location?: string }).location, "w.spec.steps.one.inputs");
});

Deno.test("X3 an undeclared variable is a warning, and fails only when it is evaluated", async () => {
  const text = (condition: string) =>
    `kind: ValueFunction\nmetadata: {name: f}\nspec: {return: {a: '=${condition} ? nothing : 1'}}`;
  const { diagnostics } = programOf(text("true"));
  const [told] = diagnostics.filter(({ code }) => code === "undeclared-variable");
  equal(told?.severity, "warning");
  deepEqual((await runDefinitions(text("false"))).outcome(), { type: "Ok", value: { a: 1 } });
  equal((await runDefinitions(text("true"))).outcome()?.type, "PermFail");
});

Deno.test("X23 an overlay expression that does not parse breaks its Function before any request", async () => {
  const text = [
    "kind: ResourceFunction\nmetadata: {name: f}\nspec: {" +
    "apiConfig: {apiVersion: v1, kind: ConfigMap, name: obj, namespace: ns}, " +
    "resource: {}, overlays: [{overlay: {a: '=1 +'}}]}",
  ].join("\n---\n");
  const { workflow, calls } = await runDefinitions(text);
  deepEqual(calls, []);
  ok(workflow.outcome.type === "Retry");
  match(String(workflow.outcome.message), /^'ResourceFunction:f' is not healthy \(/);
});

Deno.test("LM-15 200 KiB are counted in bytes of UTF-8", () => {
  const limit = 200 * 1024;
  equal(recordTooLarge("a".repeat(limit)), undefined);
  equal(recordTooLarge("é".repeat(limit / 2)), undefined);
  for (const text of ["a".repeat(limit + 1), "é".repeat(limit / 2 + 1)]) {
    match(String(recordTooLarge(text)?.message), /^managed-resources-too-large: /);
  }
});
