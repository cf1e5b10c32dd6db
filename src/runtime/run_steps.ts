// SPDX-License-Identifier: Apache-2.0

import { internalFailure } from "./internal_failure.ts";
import type { Pending } from "./pending.ts";
import { runStep } from "./run_step.ts";
import type { StepRecord, WorkflowRecord } from "./step_record.ts";
import { locationOf, type WorkflowScope } from "./workflow_scope.ts";

/**
 * Runs all steps of a Workflow, each as soon as its dependencies have an outcome (WF-34).
 *
 * Steps that need nothing of the world end while this function runs: when all do, there is no
 * promise at all.
 */
export function runSteps(record: WorkflowRecord, scope: WorkflowScope): Pending {
  const queue = createStepQueue(record);
  let finish: { readonly resolve: () => void; readonly reject: (reason: unknown) => void };

  /** Starts everything that can start; steps that end at once may free others. */
  const drain = (): void => {
    for (let index = queue.next(); index !== undefined; index = queue.next()) {
      const started = index;
      const pending = startStep(record.steps[started] as StepRecord, record, scope);
      if (pending) pending.then(() => advance(started)).catch((error) => finish.reject(error));
      else queue.settle(started);
    }
  };
  const advance = (settled: number): void => {
    queue.settle(settled);
    if (scope.isOver()) return;
    drain();
    if (queue.isDone()) finish.resolve();
  };

  drain();
  if (queue.isDone()) return undefined;
  return new Promise((resolve, reject) => {
    finish = { resolve, reject };
  });
}

/** The steps that can start, in the order in which they become able to. */
interface StepQueue {
  /** Index of the next step to start; `undefined` while there is none. */
  next(): number | undefined;
  /** A step has its outcome. */
  settle(index: number): void;
  isDone(): boolean;
}

function createStepQueue({ plan, steps }: WorkflowRecord): StepQueue {
  const waiting = plan.steps.map((step) => step.dependencies.length);
  const ready = plan.workflow.executionOrder.filter((index) => waiting[index] === 0);
  let started = 0;
  let open = steps.length;
  return {
    next: () => started < ready.length ? ready[started++] : undefined,
    settle(index) {
      open--;
      for (const dependent of plan.steps[index]?.dependents ?? []) {
        const left = (waiting[dependent] ?? 0) - 1;
        waiting[dependent] = left;
        if (left === 0) ready.push(dependent);
      }
    },
    isDone: () => open === 0,
  };
}

/** A step that fails unexpectedly disturbs no other (WF-36). */
function startStep(record: StepRecord, of: WorkflowRecord, scope: WorkflowScope): Pending {
  const { label } = record.plan.step;
  const { trace } = scope.run;
  const path = scope.path + label;
  const ended = () => {
    const { outcome } = record;
    if (!trace || !outcome) return;
    trace.observe({
      type: "step-ended",
      step: path,
      outcome,
      workflow: of.plan.workflow.id,
      label,
    });
  };
  const fail = (error: unknown) => {
    record.outcome ??= internalFailure(error, label, scope);
  };
  if (trace) {
    const location = locationOf(record.plan.step, scope);
    trace.observe({ type: "step-started", step: path, location });
  }
  try {
    const pending = runStep(record, of, scope);
    if (pending) return pending.catch(fail).then(ended);
  } catch (error) {
    fail(error);
  }
  return void ended();
}
