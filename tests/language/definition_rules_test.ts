// SPDX-License-Identifier: Apache-2.0

/** Rules of chapters 1 to 3 and 16 about definitions as they are read. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { compileProgram, type DefinitionKind, readDocuments } from "../../src/language/mod.ts";
import { runDefinitions } from "../runtime/run_definitions.ts";
import { definition, findings, programOf, ready } from "./definitions.ts";

const REF = "ref: {kind: ValueFunction, name: other.v1}";

Deno.test("SD-16 the label koreo.dev/active has no effect", () => {
  const text = definition("ValueFunction", "a.v1", "return: {v: 1}");
  const labelled = text.replace(
    "{name: a.v1}",
    "{name: a.v1, labels: {koreo.dev/active: 'false'}}",
  );
  for (const one of [text, labelled]) {
    const program = programOf(one);
    deepEqual(program.diagnostics.filter(({ severity }) => severity !== "information"), []);
    equal(ready(program, "ValueFunction", "a.v1").id.name, "a.v1");
  }
});

/** Constraints that a schema in a cluster would state by patterns. */
const TEXTUAL: readonly (readonly [
  name: string,
  kind: DefinitionKind,
  spec: string,
  expected: string,
])[] = [
  [
    "characters of a label",
    "Workflow",
    `steps: [{label: a-b-c, ${REF}}]`,
    "bad-value spec.steps[0].label",
  ],
  [
    "length of a label",
    "Workflow",
    `steps: [{label: ${"a".repeat(46)}, ${REF}}]`,
    "bad-value spec.steps[0].label",
  ],
  [
    "PascalCase of a condition's type",
    "Workflow",
    `steps: [{label: abc, ${REF}, condition: {type: ready, name: a}}]`,
    "bad-value spec.steps[0].condition.type",
  ],
  [
    "length of a condition's type",
    "Workflow",
    `steps: [{label: abc, ${REF}, condition: {type: ${"A".repeat(41)}, name: a}}]`,
    "bad-value spec.steps[0].condition.type",
  ],
  [
    "length of a condition's name",
    "Workflow",
    `steps: [{label: abc, ${REF}, condition: {type: Abc, name: ${"A".repeat(61)}}}]`,
    "bad-value spec.steps[0].condition.name",
  ],
  [
    "an assert that does not begin with =",
    "ValueFunction",
    "preconditions: [{assert: 'true', ok: {}}]",
    "bad-value spec.preconditions[0].assert",
  ],
  [
    "a case that begins with =",
    "Workflow",
    "steps: [{label: abc, refSwitch: {switchOn: =parent.x, " +
    "cases: [{case: =a, kind: ValueFunction, name: other.v1}]}}]",
    "bad-value spec.steps[0].refSwitch.cases[0].case",
  ],
];

for (const [name, kind, spec, expected] of TEXTUAL) {
  Deno.test(`SD-33 X14 ${name} is checked wherever a definition is read`, () => {
    ok(findings(kind, spec).includes(expected), findings(kind, spec).join());
  });
}

Deno.test("DG-3 an error breaks its definition, DG-5 a warning does not, nor DG-5a information", () => {
  const texts = {
    error: definition("ValueFunction", "error.v1", "return: {v: =1 +}"),
    warning: definition("ValueFunction", "warning.v1", "return: {v: =nothing}"),
    information: [
      definition("ValueFunction", "information.v1", "return: {v: 1}", "one"),
      definition("ValueFunction", "information.v1", "return: {v: 1}", "two"),
    ].join("---\n"),
  };
  const program = programOf(...Object.values(texts));
  for (const severity of ["error", "warning", "information"] as const) {
    ok(program.diagnostics.some((found) => found.severity === severity), severity);
    const { type } = program.find("ValueFunction", `${severity}.v1`);
    equal(type, severity === "error" ? "broken" : "ready");
  }
});

Deno.test("DG-3 what is broken is not run, DG-5 what is only warned of is", async () => {
  const run = async (field: string) => {
    const text = `kind: ValueFunction\nmetadata: {name: f}\nspec: {return: {a: 1}, ${field}}`;
    return (await runDefinitions(text)).workflow.outcome.type;
  };
  equal(await run("unknown: 1"), "Ok");
  equal(await run("locals: 1"), "Retry");
});

Deno.test("LM-12 D17 200 test cases are read, 201 are too many", () => {
  const cases = (count: number) =>
    findings(
      "FunctionTest",
      `functionRef: {kind: ValueFunction, name: a.v1}\ntestCases:\n${
        "- {expectReturn: {a: 1}}\n".repeat(count)
      }`,
    ).filter((one) => one.startsWith("too-many"));
  deepEqual(cases(200), []);
  deepEqual(cases(201), ["too-many-test-cases spec.testCases"]);
});

Deno.test("EX-3 expressions stand at any depth, each leaf evaluated on its own", async () => {
  const text = "kind: ValueFunction\nmetadata: {name: f}\n" +
    "spec: {return: {a: [1, {b: [=inputs.x, {c: '=inputs.x + 1'}, [[=inputs.x]]]}], d: text}}";
  const { outcome } = await runDefinitions(text, { inputs: { x: 1 } });
  deepEqual(outcome(), {
    type: "Ok",
    value: { a: [1, { b: [1, { c: 2 }, [[1]]] }], d: "text" },
  });
});

// --- chapter 16 and identity

Deno.test("VC-1 names that end in versions are names like any other", () => {
  const program = programOf(
    definition("ValueFunction", "redis.v1", "return: {v: 1}"),
    definition("ValueFunction", "redis.v2", "return: {v: 2}"),
    definition("ValueFunction", "redis", "return: {v: 3}"),
  );
  equal(program.definitions.length, 3);
  for (const name of ["redis.v1", "redis.v2", "redis"]) {
    equal(ready(program, "ValueFunction", name).id.name, name);
  }
  deepEqual(program.find("ValueFunction", "redis.v3"), { type: "missing" });
});

const TEMPLATES = ["v1", "v2"].map((version) =>
  `kind: ResourceTemplate\nmetadata: {name: t.${version}}\n` +
  `spec: {template: {apiVersion: v1, kind: ConfigMap, data: {version: ${version}}}}`
);

Deno.test("VC-2 a reference, a switch or a computed template name moves a user to a version", async () => {
  const made = async (version: string) => {
    const text = [
      "kind: ResourceFunction\nmetadata: {name: f}\nspec: {" +
      "apiConfig: {apiVersion: v1, kind: ConfigMap, name: obj, namespace: ns}, " +
      "resourceTemplateRef: {name: ='t.' + inputs.version}}",
      ...TEMPLATES,
    ];
    const { writes } = await runDefinitions(text.join("\n---\n"), { inputs: { version } });
    return writes[0]?.body?.data;
  };
  deepEqual(await made("v1"), { version: "v1" });
  deepEqual(await made("v2"), { version: "v2" });
});

Deno.test("VC-3 a FunctionTest may have the name of what it tests", () => {
  const program = programOf(
    definition("ValueFunction", "a.v1", "return: {v: 1}"),
    definition(
      "FunctionTest",
      "a.v1",
      "functionRef: {kind: ValueFunction, name: a.v1}\ntestCases: [{expectReturn: {v: 1}}]",
    ),
  );
  deepEqual(program.diagnostics.filter(({ severity }) => severity !== "information"), []);
  equal(program.definitions.length, 2);
});

Deno.test("VC-5 the same definitions give other winners under another priority list", () => {
  const documents = ["koreo", "koreo-beta"].flatMap((namespace) =>
    readDocuments({
      path: `${namespace}.k.yaml`,
      text: definition("ValueFunction", "a.v1", "return: {v: 1}", namespace),
    })
  );
  const winner = (...namespaces: readonly string[]) =>
    ready(compileProgram(documents, { namespaces }), "ValueFunction", "a.v1").id.namespace;
  equal(winner("koreo"), "koreo");
  equal(winner("koreo-beta", "koreo"), "koreo-beta");
});

Deno.test("D16 two definitions of one name in two namespaces are two definitions", () => {
  const program = programOf(
    definition("ValueFunction", "a.v1", "return: {v: 1}", "one"),
    definition("ValueFunction", "a.v1", "return: {v: 2}", "two"),
  );
  equal(program.definitions.length, 2);
  ok(!program.diagnostics.some(({ code }) => code === "duplicate-definition"));
});
