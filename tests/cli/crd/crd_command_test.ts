// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parseAllDocuments } from "yaml";
import {
  compileProgram,
  documentValue,
  type JsonObject,
  readDocuments,
} from "../../../src/language/mod.ts";
import { koreo, ROOT, temporaryFiles } from "../run_koreo.ts";

// deno-lint-ignore no-explicit-any -- tests know what they asked for
type Answer = any;

function kindsOf(stdout: string): readonly Answer[] {
  return parseAllDocuments(stdout).map((document) => document.toJS());
}

const KINDS = ["Workflow", "ValueFunction", "ResourceFunction", "ResourceTemplate", "FunctionTest"];

Deno.test("koreo crd prints the five kinds of koreo.dev, as YAML and as a list", async () => {
  const { code, stdout, stderr } = await koreo(["crd"]);
  deepEqual([code, stderr], [0, ""]);
  const kinds = kindsOf(stdout);
  deepEqual(kinds.map(({ spec }) => spec.names.kind), KINDS);
  for (const { apiVersion, kind, metadata, spec } of kinds) {
    deepEqual([apiVersion, kind], ["apiextensions.k8s.io/v1", "CustomResourceDefinition"]);
    equal(metadata.name, `${spec.names.plural}.koreo.dev`);
    const [version] = spec.versions;
    deepEqual([version.name, version.served, version.storage], ["v1beta1", true, true]);
    deepEqual(version.subresources, { status: {} });
  }
  const list = JSON.parse((await koreo(["crd", "-o", "json"])).stdout);
  deepEqual([list.apiVersion, list.kind, list.items], ["v1", "List", kinds]);
});

/** A schema is structural when each of its parts has a type or keeps everything. */
function unstructured(schema: Answer, path = ""): readonly string[] {
  const keepsAll = schema["x-kubernetes-preserve-unknown-fields"] === true;
  const own = schema.type === undefined && !keepsAll ? [path] : [];
  const inner = [
    ...Object.entries(schema.properties ?? {}).map(([key, value]) => [key, value] as const),
    ...(schema.items === undefined ? [] : [["items", schema.items] as const]),
  ];
  return [...own, ...inner.flatMap(([key, value]) => unstructured(value, `${path}.${key}`))];
}

async function validators(): Promise<ReadonlyMap<string, ValidateFunction>> {
  const kinds = kindsOf((await koreo(["crd"])).stdout);
  return new Map(kinds.map(({ spec }) => {
    const schema = spec.versions[0].schema.openAPIV3Schema;
    deepEqual(unstructured(schema), []);
    // Keywords of Kubernetes are no keywords of JSON schema.
    return [spec.names.kind, new Ajv2020({ strict: false, allErrors: true }).compile(schema)];
  }));
}

/** The definitions below a directory that the language takes. */
async function definitionsBelow(directory: string): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) found.push(...await definitionsBelow(path));
    else if (/\.(k|good)\.yaml$/.test(name)) {
      const documents = readDocuments({ path, bytes: await Deno.readFile(path) });
      const { definitions } = compileProgram(documents);
      const sound = documents.filter(({ place }) =>
        definitions.some(({ type, source }) => type !== "Broken" && source.line === place.line)
      );
      found.push(...sound.map((document) => documentValue(document) as JsonObject));
    }
  }
  return found;
}

for (const directory of ["examples", "tests/golden/diagnostics"]) {
  Deno.test(`koreo crd: the schemas take every definition of ${directory}`, async () => {
    const byKind = await validators();
    const definitions = await definitionsBelow(`${ROOT}${directory}`);
    ok(definitions.length > 10);
    for (const definition of definitions) {
      const accepts = byKind.get(String(definition["kind"]));
      ok(accepts, `there is no kind ${definition["kind"]}`);
      accepts(definition);
      deepEqual(accepts.errors ?? [], [], JSON.stringify(definition));
    }
  });
}

const REFUSED: readonly (readonly [kind: string, spec: Answer, path: string])[] = [
  ["Workflow", { crdRef: { apiGroup: "a", version: "v1" } }, "/spec/crdRef"],
  [
    "Workflow",
    { steps: [{ label: "a", ref: { kind: "Function", name: "f" } }] },
    "/spec/steps/0/ref/kind",
  ],
  ["ValueFunction", { return: "=inputs.x" }, "/spec/return"],
  ["ResourceFunction", {}, "/spec"],
  [
    "ResourceFunction",
    { apiConfig: { apiVersion: "v1", kind: "A", name: "" } },
    "/spec/apiConfig/name",
  ],
  [
    "ResourceFunction",
    { apiConfig: { apiVersion: "v1", kind: "A", name: "a" }, create: { delay: -1 } },
    "/spec/create/delay",
  ],
  ["ResourceTemplate", { template: [] }, "/spec/template"],
  [
    "FunctionTest",
    { functionRef: { kind: "Workflow", name: "w" }, testCases: {} },
    "/spec/testCases",
  ],
];

for (const [kind, spec, path] of REFUSED) {
  Deno.test(`koreo crd: a ${kind} with a fault at ${path} is refused`, async () => {
    const accepts = (await validators()).get(kind);
    ok(accepts);
    accepts({ spec });
    deepEqual(accepts.errors?.map(({ instancePath }) => instancePath), [path]);
  });
}

Deno.test("koreo crd: what the language only warns of, and what is null on purpose, is taken", async () => {
  const byKind = await validators();
  const accepts = byKind.get("ResourceFunction");
  ok(accepts);
  accepts({
    spec: {
      apiConfig: { apiVersion: "v1", kind: "A", name: "=inputs.name", unknown: 1 },
      resource: { data: { any: ["=inputs.thing", 1, null] } },
      create: { overlay: null },
      preconditions: [{ assert: "=true", retry: { message: "m", delay: "=inputs.delay" } }],
      extra: true,
    },
  });
  deepEqual(accepts.errors ?? [], []);
});

Deno.test("koreo crd WORKFLOW defines its trigger kind with its conditions and state", async () => {
  const { code, stdout, stderr } = await koreo(["crd", "web-app.v1", `${ROOT}examples/web-app`]);
  deepEqual([code, stderr], [0, ""]);
  const [{ metadata, spec }] = kindsOf(stdout);
  equal(metadata.name, "webapps.apps.example.com");
  deepEqual(spec.names, {
    kind: "WebApp",
    listKind: "WebAppList",
    plural: "webapps",
    singular: "webapp",
  });
  const [version] = spec.versions;
  deepEqual(version.subresources, { status: {} });
  deepEqual(
    version.additionalPrinterColumns.map((column: Answer) => [column.name, column.jsonPath]),
    [
      ["Ready", '.status.conditions[?(@.type=="Ready")].status'],
      ["Reason", '.status.conditions[?(@.type=="Ready")].reason'],
      ["DeploymentReady", '.status.conditions[?(@.type=="DeploymentReady")].status'],
      ["ServiceReady", '.status.conditions[?(@.type=="ServiceReady")].status'],
      ["IngressReady", '.status.conditions[?(@.type=="IngressReady")].status'],
      ["replicas", ".status.state.replicas"],
      ["url", ".status.state.url"],
      ["Age", ".metadata.creationTimestamp"],
    ],
  );
  deepEqual(unstructured(version.schema.openAPIV3Schema), []);
});

const WORKFLOW = (crdRef: string) =>
  `apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: w.v1}
spec:
  ${crdRef}
  steps: [{label: one, ref: {kind: ValueFunction, name: f.v1}}]
`;

for (
  const [kind, plural] of [["Policy", "policies"], ["Gateway", "gateways"], [
    "Box",
    "boxes",
  ]] as const
) {
  Deno.test(`koreo crd says ${plural} for the kind ${kind}`, async () => {
    await using files = await temporaryFiles({
      "w.k.yaml": WORKFLOW(`crdRef: {apiGroup: x.example.com, version: v1, kind: ${kind}}`),
    });
    const [{ spec }] = kindsOf((await koreo(["crd", "w.v1", files.directory])).stdout);
    equal(spec.names.plural, plural);
  });
}

Deno.test("koreo crd takes --plural and --scope", async () => {
  await using files = await temporaryFiles({
    "w.k.yaml": WORKFLOW("crdRef: {apiGroup: x.example.com, version: v1, kind: Sheep}"),
  });
  const args = ["crd", "w.v1", files.directory, "--scope", "Cluster", "--plural", "sheep"];
  const [{ metadata, spec }] = kindsOf((await koreo(args)).stdout);
  deepEqual([metadata.name, spec.scope], ["sheep.x.example.com", "Cluster"]);
});

const SLIPS:
  readonly (readonly [name: string, crdRef: string, args: readonly string[], stderr: string])[] = [
    [
      "a Workflow that is not there",
      "crdRef: {apiGroup: a.b, version: v1, kind: C}",
      ["v.v1"],
      'error: Cannot find Workflow "v.v1": there is none of this name; there are "w.v1"\n',
    ],
    [
      "a Workflow without a trigger kind",
      "",
      ["w.v1"],
      'error: Cannot define the trigger kind of Workflow "w.v1": it has no "crdRef"\n',
    ],
    [
      "a trigger that Kubernetes defines",
      'crdRef: {apiGroup: "", version: v1, kind: ConfigMap}',
      ["w.v1"],
      'error: Cannot define the trigger kind of Workflow "w.v1": its trigger ConfigMap is of the ' +
      "core group, which Kubernetes defines\n",
    ],
    [
      "a plural that is none",
      "crdRef: {apiGroup: a.b, version: v1, kind: C}",
      ["w.v1", "--plural", "C s"],
      'error: Cannot use "C s" for --plural: expected lower-case letters, digits and dashes\n',
    ],
  ];

for (const [name, crdRef, [workflow = "", ...options], stderr] of SLIPS) {
  Deno.test(`koreo crd refuses ${name}`, async () => {
    await using files = await temporaryFiles({ "w.k.yaml": WORKFLOW(crdRef) });
    const end = await koreo(["crd", workflow, files.directory, ...options]);
    deepEqual(end, { code: 2, stdout: "", stderr });
  });
}
