// SPDX-License-Identifier: Apache-2.0

import { internalFailure } from "./internal_failure.ts";
import { type Pending, runStep } from "./run_step.ts";
import type { StepRecord, WorkflowRecord } from "./step_record.ts";
import type { WorkflowScope } from "./workflow_scope.ts";

/**
 * Runs all steps of a Workflow, each as soon as its dependencies have an outcome (WF-34).
 *
 * Steps that need nothing of the world end while this function runs: when all do, there is no
 * promise at all.
 */
export function runSteps(record: WorkflowRecord, scope: WorkflowScope): Pending {
  const waiting = record.plan.steps.map((step) => step.dependencies.length);
  const ready = record.plan.workflow.executionOrder.filter((index) => waiting[index] === 0);
  let open = record.steps.length;
  let next = 0;
  let finish: { readonly resolve: () => void; readonly reject: (reason: unknown) => void };

  const settle = (index: number): void => {
    open--;
    for (const dependent of record.plan.steps[index]?.dependents ?? []) {
      const left = (waiting[dependent] ?? 0) - 1;
      waiting[dependent] = left;
      if (left === 0) ready.push(dependent);
    }
  };
  /** Starts everything that can start; steps that end at once may free others. */
  const drain = (): void => {
    while (next < ready.length) {
      const index = ready[next++] as number;
      const pending = startStep(record.steps[index] as StepRecord, record, scope);
      if (!pending) settle(index);
      else {
        pending.then(() => {
          settle(index);
          advance();
        }).catch((error) => finish.reject(error));
      }
    }
  };
  const advance = (): void => {
    if (scope.isOver()) return;
    drain();
    if (open === 0) finish.resolve();
  };

  drain();
  if (open === 0) return undefined;
  return new Promise((resolve, reject) => {
    finish = { resolve, reject };
  });
}

/** A step that fails unexpectedly disturbs no other (WF-36). */
function startStep(record: StepRecord, of: WorkflowRecord, scope: WorkflowScope): Pending {
  const { label } = record.plan.step;
  const { trace } = scope.run;
  const path = scope.path + label;
  const location = scope.root;
  const ended = () => {
    if (record.outcome) trace?.observe({ type: "step-ended", step: path, outcome: record.outcome });
  };
  const fail = (error: unknown) => {
    record.outcome ??= internalFailure(error, label, scope);
  };
  trace?.observe({ type: "step-started", step: path, location });
  try {
    const pending = runStep(record, of, scope);
    if (pending) return pending.catch(fail).then(ended);
  } catch (error) {
    fail(error);
  }
  return void ended();
}
