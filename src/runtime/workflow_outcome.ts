// SPDX-License-Identifier: Apache-2.0

import {
  combineOutcomes,
  isJsonObject,
  isLongerThan,
  type JsonObject,
  type JsonValue,
  type Outcome,
  setOwn,
  type Value,
} from "../language/mod.ts";
import { evaluateJson } from "./evaluation.ts";
import { isRootedInSkip } from "./dependency_outcome.ts";
import type { StepRecord, WorkflowRecord } from "./step_record.ts";
import type { WorkflowScope } from "./workflow_scope.ts";

/** The combination of all steps' outcomes in listing order (WF-55). */
export function overallOutcome(record: WorkflowRecord): Outcome {
  return combineOutcomes(record.steps.flatMap((step) => step.outcome ?? []));
}

/** What the steps of a Workflow surface (12.4). */
export interface WorkflowState {
  /** The merged maps (ST-21). */
  readonly state: JsonObject;
  /** Why the state of a step is missing, by label (ST-22). */
  readonly stateErrors: Readonly<Record<string, string>>;
  /** Keys that some step names and could not produce: they keep their present value (ST-23). */
  readonly keptStateKeys: readonly string[];
}

/** Evaluates and merges the state of all steps. */
export function workflowState(record: WorkflowRecord, scope: WorkflowScope): WorkflowState {
  const state: Record<string, JsonValue> = {};
  const stateErrors: Record<string, string> = {};
  const kept = new Set<string>();
  for (const step of record.steps) {
    if (!step.plan.step.state) continue;
    const result = stepState(step, record.parent, scope);
    if (typeof result === "string") setText(stateErrors, step.plan.step.label, result);
    if (result === undefined || typeof result === "string") {
      if (mayComeBack(step)) { for (const key of step.plan.step.stateKeys) kept.add(key); }
    } else for (const key of Object.keys(result)) setOwn(state, key, result[key] ?? null);
  }
  return { state, stateErrors, keptStateKeys: [...kept] };
}

/** No object of a cluster is larger. */
const MAX_STATE = 1024 * 1024;

/** The state of one step; why there is none; `undefined` when it has nothing to tell. */
function stepState(
  record: StepRecord,
  parent: Value,
  scope: WorkflowScope,
): JsonObject | string | undefined {
  const { step } = record.plan;
  if (record.outcome?.type !== "Ok" || !step.state) return undefined;
  const variables = {
    value: record.outcome.value,
    inputs: record.inputs,
    steps: record.steps,
    parent,
  };
  const place = `${step.label}:state`;
  const result = evaluateJson(step.state, { variables, budget: scope.run.budget, place });
  if (result.type === "PermFail") return `${result.message} at ${place}`;
  if (isLongerThan(result.value, MAX_STATE)) {
    return `string-too-long: the state has more than ${MAX_STATE} characters of JSON at ${place}`;
  }
  return isJsonObject(result.value) ? result.value : {};
}

/** Whether a step without a state may have one in a later run (ST-23). */
function mayComeBack({ outcome }: StepRecord): boolean {
  return outcome !== undefined && (outcome.type === "Ok" || !isRootedInSkip(outcome));
}

function setText(texts: Record<string, string>, key: string, text: string): void {
  setOwn(texts as Record<string, JsonValue>, key, text);
}
