// SPDX-License-Identifier: Apache-2.0

import type { Program, Workflow } from "../language/mod.ts";
import { isSettled, openKinds } from "./open_kinds.ts";
import {
  recordedIn,
  type RecordedResource,
  type RecordedResources,
  resourceOf,
} from "./recorded_resources.ts";
import { identityKey, type ResourceIdentity } from "./resource_identity.ts";
import type { WorkflowRun } from "./run_workflow.ts";
import type { LogicResult, StepResult } from "./step_record.ts";

/** What is decided about recorded resources that a run does not report (CL-4). */
export interface Retirement {
  /** To be cleaned up now, in recorded order. */
  readonly retired: readonly RecordedResource[];
  /** To stay recorded, untouched. */
  readonly kept: readonly RecordedResource[];
}

/** What retirement is decided on. */
export interface RetirementFacts {
  readonly program: Program;
  readonly workflow: Workflow;
  readonly run: WorkflowRun;
  readonly recorded: RecordedResources;
  /** Whether another trigger reports the same identity (CL-6). */
  readonly isManagedElsewhere?: ((resource: ResourceIdentity) => boolean) | undefined;
}

/** Decides which recorded resources are retired (CL-1 to CL-8). */
export function decideRetirement(facts: RetirementFacts): Retirement {
  const { run, recorded } = facts;
  const unreported = unreportedResources(recorded, run);
  if (run.stoppedBy !== undefined) return { retired: [], kept: unreported };
  const open = openKinds(facts.program, facts.workflow, run.steps);
  const isRetired = ({ id, step }: RecordedResource): boolean =>
    !facts.isManagedElsewhere?.(resourceOf(id)) && isStepSettled(step.split("/"), run.steps) &&
    !open.has(id);
  return {
    retired: unreported.filter(isRetired),
    kept: unreported.filter((resource) => !isRetired(resource)),
  };
}

/** Recorded resources with a policy whose identity no step of the run reports (CL-6). */
function unreportedResources(
  recorded: RecordedResources,
  run: WorkflowRun,
): readonly RecordedResource[] {
  if (run.stoppedBy === "readiness") return recorded.former;
  const reported = new Set(recordedIn(run.managedResources ?? {}).map(keyOf));
  return withPolicy(recorded).filter((resource) => !reported.has(keyOf(resource)));
}

/**
 * Everything that is recorded with a `delete` policy, former resources first (CL-1). An object that
 * is recorded twice counts once, as it was recorded last: ahead of its creation (CL-3).
 */
export function withPolicy(recorded: RecordedResources): readonly RecordedResource[] {
  const found = new Map<string, RecordedResource>();
  for (const resource of [...recorded.former, ...recorded.reported]) {
    const { delete: policy } = resource.id;
    const key = keyOf(resource);
    if ((policy === "destroy" || policy === "abandon") && !found.has(key)) found.set(key, resource);
  }
  return [...found.values()];
}

function keyOf({ id }: RecordedResource): string {
  return identityKey(resourceOf(id));
}

/** CL-7: the step is gone, or nothing more is to be expected of it. */
function isStepSettled(
  labels: readonly string[],
  steps: ReadonlyMap<string, StepResult>,
): boolean {
  const [label = "", ...rest] = labels;
  const step = steps.get(label);
  if (!step) return true;
  if (rest.length === 0) return isSettled(step.outcome);
  return (step.items ?? [step]).every((one: LogicResult) =>
    one.workflow ? isStepSettled(rest, one.workflow.steps) : isSettled(one.outcome)
  );
}

/**
 * The order of clean-up (CL-10): groups that are finished one after the other, later steps first;
 * items of one `forEach` together.
 */
export function cleanUpOrder(
  retired: readonly RecordedResource[],
): readonly (readonly RecordedResource[])[] {
  const groups = new Map<string, RecordedResource[]>();
  for (const resource of retired) {
    const group = groups.get(resource.step);
    if (group) group.push(resource);
    else groups.set(resource.step, [resource]);
  }
  return [...groups.values()].reverse();
}
