// SPDX-License-Identifier: Apache-2.0

import { createBudget, type JsonObject, type JsonValue } from "../../src/language/mod.ts";
import {
  ownerOf,
  type RunContext,
  runResourceFunction,
  runValueFunction,
  runWorkflow,
} from "../../src/runtime/mod.ts";
import { testClock } from "../../src/testing/mod.ts";
import { asObject } from "./case_file.ts";
import { outcomeShape } from "./outcome_shape.ts";
import type { GoldenWorld } from "./run_case.ts";

/** The location prefix of Functions that a script calls. */
const LOCATION = "test";

/** The step `valueFunction`. */
export function runValueFunctionStep(world: GoldenWorld, step: JsonObject): JsonObject {
  const found = world.documents.program().find("ValueFunction", String(step.name));
  if (found.type !== "ready") return { notReady: null };
  const base = step.base === undefined || step.base === null ? {} : { base: asObject(step.base) };
  const call = { inputs: asObject(step.inputs), ...base, location: LOCATION };
  const outcome = runValueFunction(found.definition, call, { budget: createBudget() });
  return { outcome: outcomeShape(outcome) };
}

/** The step `resourceFunction`. */
export async function runResourceFunctionStep(
  world: GoldenWorld,
  step: JsonObject,
): Promise<JsonObject> {
  const found = world.documents.program().find("ResourceFunction", String(step.name));
  if (found.type !== "ready") return { notReady: null };
  const call = { inputs: asObject(step.inputs), location: LOCATION, owner: goldenOwner(world) };
  const result = await runResourceFunction(found.definition, call, runContext(world));
  return { outcome: outcomeShape(result.outcome), resourceId: result.resourceId ?? null };
}

/** The step `workflow`. */
export async function runWorkflowStep(world: GoldenWorld, step: JsonObject): Promise<JsonObject> {
  const workflow = world.documents.program().winner("Workflow", String(step.name));
  if (workflow?.type !== "Workflow" && workflow?.type !== "Broken") return { notReady: null };
  const call = { parent: asObject(step.trigger), owner: goldenOwner(world) };
  const run = await runWorkflow(workflow, call, runContext(world));
  return {
    outcome: outcomeShape(run.outcome),
    conditions: run.conditions.map((condition) => ({ ...condition })),
    state: run.state,
    stateErrors: run.stateErrors as JsonValue,
    resourceIds: run.managedResources ?? {},
  };
}

/** What a run needs, with the cluster of the case. */
export function runContext(world: GoldenWorld): RunContext {
  return {
    program: world.documents.program(),
    cluster: world.cluster.api,
    clock: testClock,
    budget: createBudget(),
    signal: new AbortController().signal,
  };
}

/** The owner as the trigger it stands for. */
function goldenOwner({ golden }: GoldenWorld) {
  const { apiVersion, kind, name, uid } = golden.owner.reference;
  return ownerOf({
    apiVersion: String(apiVersion),
    kind: String(kind),
    metadata: { name: String(name), namespace: golden.owner.namespace, uid: String(uid) },
  });
}
