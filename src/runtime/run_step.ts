// SPDX-License-Identifier: Apache-2.0

import {
  type JsonValue,
  type NonOk,
  type Outcome,
  type PermFail,
  setOwn,
  typeName,
  type Value,
  type Variables,
} from "../language/mod.ts";
import { dependencyOutcome } from "./dependency_outcome.ts";
import { evaluate, shownValue } from "./evaluation.ts";
import type { Pending } from "./pending.ts";
import { runForEach } from "./run_for_each.ts";
import { runLogic } from "./run_logic.ts";
import type { StepRecord, WorkflowRecord } from "./step_record.ts";
import { withEntry } from "./value_entry.ts";
import { locationOf, type WorkflowScope } from "./workflow_scope.ts";

const EMPTY: Value = {};

/**
 * Runs one step whose dependencies all have an outcome (WF-34), and fills its record.
 *
 * Throws, or rejects, only when the run is aborted or something unexpected fails (WF-36).
 */
export function runStep(record: StepRecord, of: WorkflowRecord, scope: WorkflowScope): Pending {
  const location = locationOf(record.plan.step, scope);
  const waiting = unmetDependency(record, of, location);
  if (waiting) {
    record.outcome = waiting;
    return undefined;
  }
  record.steps = dependencyValues(record, of);
  const { step } = record.plan;
  const variables: Variables = step.isConfigStep
    ? { parent: of.parent }
    : { parent: of.parent, steps: record.steps };
  const skipped = step.skipIf && checkSkipIf(record, variables, { location, scope });
  if (skipped) {
    record.outcome = skipped;
    return undefined;
  }
  const inputs = inputsOf(record, of, { location, variables, scope });
  if (inputs) {
    record.outcome = inputs;
    return undefined;
  }
  const call = { step: record.plan, variables, inputs: record.inputs, location, scope };
  return step.forEach ? runForEach(record, call, step.forEach) : runLogic(record, call);
}

/** WF-34.1. */
function unmetDependency(
  record: StepRecord,
  of: WorkflowRecord,
  location: string,
): NonOk | undefined {
  for (const index of record.plan.dependencies) {
    const dependency = of.steps[index];
    const outcome = dependency?.outcome;
    if (dependency && outcome && outcome.type !== "Ok") {
      return dependencyOutcome(dependency.plan.step.label, outcome, location);
    }
  }
  return undefined;
}

/** The map `steps` (WF-12). */
function dependencyValues(record: StepRecord, of: WorkflowRecord): Value {
  const { dependencies } = record.plan;
  if (dependencies.length === 0) return EMPTY;
  const values: Record<string, JsonValue> = {};
  for (const index of dependencies) {
    const dependency = of.steps[index];
    if (dependency?.outcome?.type === "Ok") {
      setOwn(values, dependency.plan.step.label, dependency.outcome.value);
    }
  }
  return values;
}

/** WF-34.2. */
function checkSkipIf(
  record: StepRecord,
  variables: Variables,
  at: { readonly location: string; readonly scope: WorkflowScope },
): Outcome | undefined {
  const { skipIf } = record.plan.step;
  if (!skipIf) return undefined;
  const place = `${at.location}.skipIf`;
  const skip = evaluate(skipIf, { variables, budget: at.scope.run.budget, place });
  if (skip.type !== "Ok") return skip;
  if (skip.value === true) return { type: "Skip", message: "skipped by workflow" };
  return skip.value === false ? undefined : notBoolean(skip.value, place);
}

function notBoolean(value: Value, location: string): PermFail {
  const found = `'${shownValue(value)}' a ${typeName(value)}`;
  const message = `\`skipIf\` must evaluate to a bool, received ${found}`;
  return { type: "PermFail", message, location };
}

/** WF-34.3, WF-21: puts the inputs into the record, or gives the outcome that ends the step. */
function inputsOf(
  record: StepRecord,
  of: WorkflowRecord,
  at: {
    readonly location: string;
    readonly variables: Variables;
    readonly scope: WorkflowScope;
  },
): PermFail | undefined {
  const { inputs, isConfigStep } = record.plan.step;
  if (inputs) {
    const { variables, scope: { run: { budget } } } = at;
    const value = evaluate(inputs, { variables, budget, place: `${at.location}.inputs` });
    if (value.type !== "Ok") return value;
    record.inputs = value.value;
  }
  if (isConfigStep) record.inputs = withEntry(record.inputs, "parent", of.parent);
  return undefined;
}
