// SPDX-License-Identifier: Apache-2.0

import type { Step, Value, Variables } from "../language/mod.ts";
import type { Owner } from "./owner_reference.ts";
import type { RunContext } from "./run_context.ts";
import type { LogicRecord, WorkflowRecord } from "./step_record.ts";
import type { PlannedStep } from "./workflow_plan.ts";
import type { Pending } from "./pending.ts";

/** Where in a run a Workflow stands. */
export interface WorkflowScope {
  readonly run: RunContext;
  /** Name of the Workflow that the trigger runs, in sub-Workflows too (WF-50). */
  readonly root: string;
  /** The trigger (RF-50). */
  readonly owner: Owner | undefined;
  /** Levels of sub-Workflows above this one (LM-13). */
  readonly depth: number;
  /** Labels of the steps that lead here, each followed by `/`. */
  readonly path: string;
  /** Runs a sub-Workflow whose record is ready; fills the record of the step with its outcome. */
  readonly runSteps: (record: WorkflowRecord, scope: WorkflowScope) => Pending;
  /** Whether the deadline has passed: what happens from then on has no effect (WF-37). */
  readonly isOver: () => boolean;
}

/** One run of the Logic of a step, or of one item of it. */
export interface LogicCall {
  readonly step: PlannedStep;
  /** `parent` and `steps`. */
  readonly variables: Variables;
  readonly inputs: Value;
  /** `<loc>` of the step or item. */
  readonly location: string;
  readonly scope: WorkflowScope;
}

/** Runs Logic and fills its record. */
export type RunLogic = (record: LogicRecord, call: LogicCall) => Pending;

/** `<loc>` of a step (WF-50). */
export function locationOf(step: Step, scope: WorkflowScope): string {
  return step.isConfigStep
    ? `${scope.root}.spec.configStep`
    : `${scope.root}.spec.steps.${step.label}`;
}
