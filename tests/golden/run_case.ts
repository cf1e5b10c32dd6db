// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, JsonValue } from "../../src/language/mod.ts";
import { asObject, type GoldenCase, objects } from "./case_file.ts";
import { createGoldenCluster } from "./golden_cluster.ts";
import { createGoldenDocuments, type GoldenDocuments } from "./golden_documents.ts";
import { expressionResults } from "./expression_rows.ts";
import { runFunctionTestStep } from "./function_test_step.ts";
import { runResourceFunctionStep, runValueFunctionStep, runWorkflowStep } from "./logic_steps.ts";
import { callShape, createControllerSteps, withoutTimes } from "./controller_steps.ts";
import { isTable, runTable } from "./tables.ts";
import { preparedStatus } from "./prepared.ts";

/** What a case expects and what a run of it gave, in one shape. */
export interface CaseResult {
  readonly expected: JsonValue;
  readonly actual: JsonValue;
}

/** Runs a case: prepares its documents and executes its script. */
export async function runCase(golden: GoldenCase): Promise<CaseResult> {
  if (isTable(golden)) {
    const { expected, actual } = runTable(golden);
    return { expected: { rows: expected }, actual: { rows: actual } };
  }
  const documents = createGoldenDocuments(golden.documents);
  const prepared = preparedOf(documents, golden.documents);
  const cluster = createGoldenCluster(golden);
  const world: GoldenWorld = { golden, documents, cluster };
  const run = scriptRunner(world);
  const script: JsonObject[] = [];
  for (const step of golden.script) {
    const result = await run(step);
    const apiCalls = cluster.takeCalls().map(callShape);
    script.push(apiCalls.length === 0 ? result : { ...result, apiCalls });
  }
  const actual = { prepared, script, finalCluster: cluster.store.objects() };
  // A file names only what its run had: an absent part is not compared.
  const kept = Object.entries(actual).filter(([key]) => Object.hasOwn(golden.expected, key));
  const { expected } = golden;
  return { expected, actual: withoutTimes(Object.fromEntries(kept)) };
}

/** What the steps of a script share. */
export interface GoldenWorld {
  readonly golden: GoldenCase;
  readonly documents: GoldenDocuments;
  readonly cluster: ReturnType<typeof createGoldenCluster>;
}

type StepRunner = (argument: JsonObject) => JsonObject | Promise<JsonObject>;

function scriptRunner(world: GoldenWorld): (step: JsonObject) => Promise<JsonObject> {
  const controller = createControllerSteps(world);
  const steps: Readonly<Record<string, StepRunner>> = {
    valueFunction: (argument) => runValueFunctionStep(world, argument),
    resourceFunction: (argument) => runResourceFunctionStep(world, argument),
    workflow: (argument) => runWorkflowStep(world, argument),
    functionTest: (argument) => runFunctionTestStep(world, argument),
    expressions: expressionResults,
    patchCluster: (argument) => patchCluster(world, argument),
    delete: (argument) => {
      world.documents.delete(String(argument.kind), String(argument.name));
      return {};
    },
    status: ({ kind, name }) => ({
      status: preparedStatus(world.documents.program(), String(kind), String(name)),
    }),
    controller,
  };
  return async (step) => {
    const [name = ""] = Object.keys(step);
    if (name === "apply") return applyDocuments(world, objects(step.apply));
    const run = steps[name];
    if (!run) throw new TypeError(`Cannot run step "${name}": not known`);
    return await run(asObject(step[name]));
  };
}

function applyDocuments(world: GoldenWorld, documents: readonly JsonObject[]): JsonObject {
  for (const document of documents) world.documents.put(document);
  return { prepared: preparedOf(world.documents, documents) };
}

function preparedOf(documents: GoldenDocuments, which: readonly JsonObject[]): JsonObject {
  const statuses: [string, JsonValue][] = [];
  for (const document of which) {
    const [kind, name] = [String(document.kind), String(asObject(document.metadata).name)];
    const status = preparedStatus(documents.program(), kind, name);
    statuses.push([`${kind}/${name}`, status]);
  }
  return Object.fromEntries(statuses);
}

/** Another actor changes an object. */
async function patchCluster(world: GoldenWorld, object: JsonObject): Promise<JsonObject> {
  const { apiVersion, kind } = object;
  const { name, namespace } = asObject(object.metadata);
  const path = {
    apiVersion: String(apiVersion),
    kind: String(kind),
    plural: "",
    name: String(name),
    ...typeof namespace === "string" ? { namespace } : {},
  };
  const signal = new AbortController().signal;
  await world.cluster.store.patch(path, { type: "merge", body: object }, { signal });
  return {};
}
