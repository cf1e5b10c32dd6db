// SPDX-License-Identifier: Apache-2.0

import type { NonOk, Outcome, Value } from "../language/mod.ts";
import type { PlannedStep, WorkflowPlan } from "./workflow_plan.ts";
import type { ResourceId } from "./resource_id.ts";

/**
 * What is known so far of one run of Logic. Filled while it runs, so that a deadline finds what
 * has been done until then.
 */
export interface LogicRecord {
  outcome: Outcome | undefined;
  resourceId: ResourceId | undefined;
  /** The sub-Workflow, once it runs. */
  workflow: WorkflowRecord | undefined;
}

/** What is known so far of one step. */
export interface StepRecord extends LogicRecord {
  readonly plan: PlannedStep;
  /** Inputs without the `forEach` item, once they are evaluated (EX-12). */
  inputs: Value;
  /** The values of the steps it depends on. */
  steps: Value;
  /** One per item of a `forEach` with items. */
  items: readonly LogicRecord[] | undefined;
}

/** What is known so far of one run of a Workflow. */
export interface WorkflowRecord {
  readonly plan: WorkflowPlan;
  /** In listing order. */
  readonly steps: readonly StepRecord[];
  /** What the steps see as `parent`. */
  readonly parent: Value;
}

/** What one run of Logic ended with. */
export interface LogicResult {
  /** What the Logic came to. */
  readonly outcome: Outcome;
  /** Of a ResourceFunction that reported one. */
  readonly resourceId?: ResourceId;
  /** Of a sub-Workflow that ran. */
  readonly workflow?: SubWorkflowResult;
}

/** What a step ended with. */
export interface StepResult extends LogicResult {
  /** The label of the step. */
  readonly label: string;
  /** One per item of a `forEach` with items. */
  readonly items?: readonly LogicResult[];
}

/** What a sub-Workflow that ran ended with. */
export interface SubWorkflowResult {
  /** Name of the sub-Workflow. */
  readonly name: string;
  /** By label, in execution order. */
  readonly steps: ReadonlyMap<string, StepResult>;
}

const NO_VALUES: Value = {};

/** A record of Logic that has not begun. */
export function newLogicRecord(): LogicRecord {
  return { outcome: undefined, resourceId: undefined, workflow: undefined };
}

/** A record of a Workflow that has not begun. */
export function newWorkflowRecord(plan: WorkflowPlan, parent: Value): WorkflowRecord {
  const steps = plan.steps.map((step): StepRecord => ({
    plan: step,
    outcome: undefined,
    resourceId: undefined,
    workflow: undefined,
    inputs: NO_VALUES,
    steps: NO_VALUES,
    items: undefined,
  }));
  return { plan, steps, parent };
}

/** The results of all steps, by label in execution order. */
export function stepResults(record: WorkflowRecord): ReadonlyMap<string, StepResult> {
  const results = new Map<string, StepResult>();
  for (const index of record.plan.workflow.executionOrder) {
    const step = record.steps[index];
    if (step) results.set(step.plan.step.label, stepResult(step));
  }
  return results;
}

function stepResult(record: StepRecord): StepResult {
  const { label } = record.plan.step;
  if (!record.items) return { label, ...logicResult(record) };
  return { label, ...logicResult(record), items: record.items.map(logicResult) };
}

function logicResult(record: LogicRecord): LogicResult {
  const { outcome = NOT_RUN, resourceId, workflow } = record;
  if (!resourceId && !workflow) return { outcome };
  return {
    outcome,
    ...(resourceId ? { resourceId } : {}),
    ...(workflow
      ? { workflow: { name: workflow.plan.workflow.id.name, steps: stepResults(workflow) } }
      : {}),
  };
}

/** A step of a sub-Workflow that a deadline ended from above. */
const NOT_RUN: NonOk = { type: "Retry", delaySeconds: 30 };
