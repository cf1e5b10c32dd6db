// SPDX-License-Identifier: Apache-2.0

import {
  type BrokenDefinition,
  type JsonObject,
  member,
  type NonOk,
  type Outcome,
  type Value,
  type Workflow,
} from "../language/mod.ts";
import { type Condition, conditionOf } from "./condition.ts";
import { timeout } from "./internal_failure.ts";
import { managedResources } from "./managed_resources.ts";
import type { Owner } from "./owner_reference.ts";
import type { RunContext } from "./run_context.ts";
import { itemsOutcome } from "./run_for_each.ts";
import { runSteps } from "./run_steps.ts";
import { dependencyOutcome } from "./dependency_outcome.ts";
import { unreadyOutcome } from "./run_sub_workflow.ts";
import {
  newWorkflowRecord,
  type StepRecord,
  type StepResult,
  stepResults,
  type WorkflowRecord,
} from "./step_record.ts";
import { overallOutcome, workflowState } from "./workflow_outcome.ts";
import { planWorkflow } from "./workflow_plan.ts";
import { locationOf, type WorkflowScope } from "./workflow_scope.ts";

/** What a Workflow is run with. */
export interface WorkflowCall {
  /** What its expressions see as `parent`: `parentOf(trigger)`, or the inputs of a sub-Workflow. */
  readonly parent: Value;
  /** The trigger, for owner references; without it none are ever set. */
  readonly owner?: Owner | undefined;
}

/** What a run of a Workflow ends with. */
export interface WorkflowRun {
  /** Name of the Workflow. */
  readonly workflow: string;
  /** The overall outcome (WF-55). */
  readonly outcome: Outcome;
  /** By label, in execution order; empty when the Workflow could not run. */
  readonly steps: ReadonlyMap<string, StepResult>;
  /** In the order of ST-2, before those of one type are merged. */
  readonly conditions: readonly Condition[];
  /** The merged state of this run (ST-21). */
  readonly state: JsonObject;
  /** Why the state of a step is missing, by label (ST-22). */
  readonly stateErrors: Readonly<Record<string, string>>;
  /** Keys of the present state that stay (ST-23). */
  readonly keptStateKeys: readonly string[];
  /** ST-40; absent when the Workflow could not run (WF-33). */
  readonly managedResources?: JsonObject;
  /** Why nothing may be retired after this run (CL-5). */
  readonly stoppedBy?: "readiness" | "deadline";
}

const DEFAULT_DEADLINE_MS = 60_000;

/** A reason of its own: making the usual DOMException costs more than the rest of a deadline. */
const RUN_ENDED = "the run has ended";

/** What the expressions of a Workflow see as `parent` (WF-35). */
export function parentOf(trigger: JsonObject): JsonObject {
  const { apiVersion = null, kind = null, metadata = null, spec = null, status = null } = trigger;
  return { apiVersion, kind, metadata, spec, status, state: member(status, "state") ?? null };
}

/**
 * Runs a Workflow (chapter 11). A Workflow that is broken in its steps only gives the outcome of
 * WF-30.
 *
 * Rejects with the reason of `run.signal` when aborted; everything else is part of the result.
 */
export async function runWorkflow(
  workflow: Workflow | BrokenDefinition,
  call: WorkflowCall,
  run: RunContext,
): Promise<WorkflowRun> {
  run.signal.throwIfAborted();
  const root = workflow.id.name;
  const plan = planWorkflow(run.program, workflow);
  if (plan.type === "unready") return unreadyRun(root, unreadyOutcome(plan.outcome, root));
  const record = newWorkflowRecord(plan, call.parent);
  const { owner } = call;
  const scope = { run, root, owner, depth: 0, path: "", runSteps, isOver: () => false };
  // Without requests nothing waits, and no deadline can pass.
  const isOver = plan.isPure ? await runSteps(record, scope) : await runInTime(record, scope);
  return finishedRun(record, scope, isOver === true);
}

/** Runs the steps until all have an outcome or the deadline passes; tells whether it did (WF-37). */
async function runInTime(record: WorkflowRecord, scope: WorkflowScope): Promise<boolean> {
  const { run } = scope;
  const deadline = new AbortController();
  const finished = new AbortController();
  const stop = () => deadline.abort(run.signal.reason);
  run.signal.addEventListener("abort", stop, { once: true });
  let isOver = false;
  try {
    const inner = {
      ...scope,
      run: { ...run, signal: deadline.signal },
      isOver: () => isOver,
    };
    const pending = runSteps(record, inner);
    if (!pending) return false;
    const sleep = run.clock.sleep(run.deadlineMs ?? DEFAULT_DEADLINE_MS, {
      signal: AbortSignal.any([run.signal, finished.signal]),
    });
    isOver = await Promise.race([pending.then(() => false), sleep.then(() => true)]);
    // Whatever still runs is told to stop; what it answers has no effect any more.
    pending.catch(() => {});
    sleep.catch(() => {});
    if (isOver) expire(record, scope);
    return isOver;
  } finally {
    isOver = true;
    finished.abort(RUN_ENDED);
    deadline.abort(RUN_ENDED);
    run.signal.removeEventListener("abort", stop);
  }
}

/** Gives every step without an outcome the one it has at the deadline. */
function expire(record: WorkflowRecord, scope: WorkflowScope): void {
  for (const index of record.plan.workflow.executionOrder) {
    const step = record.steps[index];
    if (step && !step.outcome) step.outcome = expiredOutcome(step, record, scope);
  }
}

function expiredOutcome(step: StepRecord, of: WorkflowRecord, scope: WorkflowScope): Outcome {
  const { label } = step.plan.step;
  const unmet = step.plan.dependencies.map((index) => of.steps[index])
    .find((dependency) => dependency?.outcome && dependency.outcome.type !== "Ok");
  if (unmet?.outcome && unmet.outcome.type !== "Ok") {
    const location = locationOf(step.plan.step, scope);
    return dependencyOutcome(unmet.plan.step.label, unmet.outcome, location);
  }
  for (const [index, item] of (step.items ?? [step]).entries()) {
    if (item.workflow) expire(item.workflow, scope);
    item.outcome ??= timeout(step.items ? `${label}-${index}` : label, scope);
  }
  return step.items ? itemsOutcome(step.items) : timeout(label, scope);
}

function finishedRun(record: WorkflowRecord, scope: WorkflowScope, isOver: boolean): WorkflowRun {
  const workflow = scope.root;
  const outcome = overallOutcome(record);
  const steps = stepResults(record);
  return {
    workflow,
    outcome,
    steps,
    conditions: conditionsOf(record, outcome, workflow),
    ...workflowState(record, scope),
    managedResources: managedResources(workflow, steps),
    ...(isOver ? { stoppedBy: "deadline" as const } : {}),
  };
}

/** ST-2. */
function conditionsOf(
  record: WorkflowRecord,
  overall: Outcome,
  workflow: string,
): readonly Condition[] {
  const conditions = record.steps.flatMap(({ plan: { step: { condition } }, outcome }) =>
    condition && outcome ? conditionOf(outcome, { ...condition, workflow }) : []
  );
  return [...conditions, readyCondition(overall, workflow)];
}

/** The condition for the overall outcome. */
function readyCondition(outcome: Outcome, workflow: string): Condition {
  return conditionOf(outcome, { type: "Ready", name: `Workflow ${workflow}`, workflow });
}

/** WF-33. */
function unreadyRun(workflow: string, outcome: NonOk): WorkflowRun {
  return {
    workflow,
    outcome,
    steps: new Map(),
    conditions: [readyCondition(outcome, workflow)],
    state: {},
    stateErrors: {},
    keptStateKeys: [],
    stoppedBy: "readiness",
  };
}
