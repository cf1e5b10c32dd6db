// SPDX-License-Identifier: Apache-2.0

import type { Outcome, Workflow } from "../language/mod.ts";
import { overallOutcome, workflowState } from "./workflow_outcome.ts";
import type { Pending } from "./pending.ts";
import { type LogicRecord, newWorkflowRecord, type WorkflowRecord } from "./step_record.ts";
import { planWorkflow } from "./workflow_plan.ts";
import type { LogicCall, WorkflowScope } from "./workflow_scope.ts";

/** LM-13. */
const MAX_DEPTH = 16;

/** Runs a Workflow as the Logic of a step (WF-47). */
export function runSubWorkflow(record: LogicRecord, workflow: Workflow, call: LogicCall): Pending {
  const { scope } = call;
  if (scope.depth >= MAX_DEPTH) {
    const message = `workflow-too-deep: at most ${MAX_DEPTH} levels of sub-Workflows are allowed`;
    record.outcome = { type: "PermFail", message, location: call.location };
    return undefined;
  }
  const plan = planWorkflow(scope.run.program, workflow);
  if (plan.type === "unready") {
    record.outcome = unreadyOutcome(plan.outcome, scope.root);
    return undefined;
  }
  const path = `${scope.path}${call.step.step.label}/`;
  const inner: WorkflowScope = { ...scope, depth: scope.depth + 1, path };
  const sub = newWorkflowRecord(plan, call.inputs);
  record.workflow = sub;
  const pending = scope.runSteps(sub, inner);
  if (pending) return pending.then(() => void (record.outcome ??= subOutcome(sub, inner)));
  record.outcome = subOutcome(sub, inner);
  return undefined;
}

/** `Ok` of the state, or the overall outcome. */
function subOutcome(sub: WorkflowRecord, scope: WorkflowScope): Outcome {
  const outcome = overallOutcome(sub);
  if (outcome.type !== "Ok") return outcome;
  return { type: "Ok", value: workflowState(sub, scope).state };
}

/** WF-33: the location of an outcome of readiness begins with the Workflow. */
export function unreadyOutcome<T extends Outcome>(outcome: T, workflow: string): T {
  return "location" in outcome && outcome.location !== undefined
    ? { ...outcome, location: `${workflow}:${outcome.location}` }
    : outcome;
}
