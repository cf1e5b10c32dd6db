// SPDX-License-Identifier: Apache-2.0

import {
  type BrokenDefinition,
  member,
  type NonOk,
  type Outcome,
  type Workflow,
} from "../language/mod.ts";
import { cleanUp, type CleanUpContext } from "./clean_up.ts";
import { managedRecord, nextFinalizers, recordText } from "./managed_record.ts";
import { MANAGED_RESOURCES } from "./managed_resources.ts";
import { ownerOf } from "./owner_reference.ts";
import { reportOutcome, type StatusReport } from "./parent_status.ts";
import type { KubernetesObject, ObjectPath } from "./ports.ts";
import { type RecordedResource, recordedResources, resourceOf } from "./recorded_resources.ts";
import { identityKey, type ResourceIdentity } from "./resource_identity.ts";
import { decideRetirement, withPolicy } from "./retirement.ts";
import type { RunContext } from "./run_context.ts";
import { parentOf, runWorkflow, type WorkflowRun } from "./run_workflow.ts";
import { type FailedLookup, workflowFor, type WorkflowLookup } from "./trigger_lookup.ts";
import { createTriggerRecorder, finalizersPatch } from "./trigger_recorder.ts";
import {
  annotationOf,
  type TriggerUpdate,
  triggerUpdate,
  type UpdateFacts,
} from "./trigger_update.ts";

/** What a run is made for. */
export interface TriggerCall {
  /** The trigger as it is now. */
  readonly trigger: KubernetesObject;
  /** Its path for the API. */
  readonly path: ObjectPath;
  /** Whether its kind is defined by a CustomResourceDefinition (ST-8). */
  readonly isCustomResource: boolean;
  /** The revision of the Program, if it has one (TR-9a). */
  readonly revision?: string;
  /** The Workflow, where it is known already: a test names it, a channel chose it. */
  readonly workflow?: Workflow | BrokenDefinition;
  /** A lookup that failed before the Program was known: an unknown channel (TR-16). */
  readonly failedLookup?: FailedLookup;
  /** Whether another trigger's record names the object (CL-6, CL-13, DF-34). */
  readonly isManagedElsewhere?: (resource: ResourceIdentity) => boolean;
  /** Asked after the run: who keeps undoing what it makes, in a sentence; absent: nobody. */
  readonly contest?: () => string | undefined;
}

/** What a run for a trigger ends with. */
export interface TriggerRun {
  /** The overall outcome, which decides when the next run is due (TR-17, TR-18). */
  readonly outcome: Outcome;
  /** Why clean-up is not finished (CL-23). */
  readonly cleanUp?: NonOk;
  /** The run of the Workflow; absent when there was none. */
  readonly run?: WorkflowRun;
  /** The trigger as the update is to be made on it: the run may have recorded on it (CL-3). */
  readonly trigger: KubernetesObject;
  /** What is to be written on it. */
  readonly update: TriggerUpdate;
}

/**
 * Makes one run for a trigger: lookup, Workflow, clean-up, and what is to be written on the trigger
 * (chapters 11 to 13). Writes on the trigger only what CL-3 asks for; the rest is in the result.
 *
 * Rejects with the reason of `run.signal` when aborted.
 */
export function runTrigger(call: TriggerCall, run: RunContext): Promise<TriggerRun> {
  const isDeleted = member(call.trigger.metadata, "deletionTimestamp") !== undefined;
  return isDeleted ? endTrigger(call, run) : runLiveTrigger(call, run);
}

async function runLiveTrigger(call: TriggerCall, run: RunContext): Promise<TriggerRun> {
  const { trigger, path } = call;
  const lookup = call.failedLookup ?? lookupOf(call, run);
  if (lookup.type === "failed") return finished(call, { report: lookup, trigger }, run);
  const recorder = createTriggerRecorder(trigger, path, run);
  const result = await runWorkflow(lookup.workflow, {
    parent: parentOf(trigger),
    owner: ownerOf(trigger),
  }, {
    ...run,
    isSharedObject: run.isSharedObject ?? sharedObjects(call),
    recordBeforeCreate: (id, step) => recorder.record({ id, step }),
  });
  const recorded = recordedResources(recorder.trigger());
  if (lookup.workflow.type === "Broken" || result.managedResources === undefined) {
    return finished(call, { report: { type: "run", run: result }, trigger }, run);
  }
  const { program } = run;
  const { workflow } = lookup;
  const { isManagedElsewhere } = call;
  const facts = { program, workflow, run: result, recorded, isManagedElsewhere };
  const { retired, kept } = decideRetirement(facts);
  const { done, pending } = await cleanUp(retired, cleanUpContext(call, run));
  const report: StatusReport = { type: "run", run: result };
  const left = new Set([...kept, ...without(retired, done)]);
  const former = withPolicy(recorded).filter((resource) => left.has(resource));
  const record = managedRecord(result.managedResources, former);
  return finished(call, { report, trigger: recorder.trigger(), record, cleanUp: pending }, run);
}

function lookupOf({ workflow, trigger }: TriggerCall, run: RunContext): WorkflowLookup {
  return workflow ? { type: "found", workflow } : workflowFor(run.program, trigger);
}

/** CL-21: everything recorded is retired at once; no definition is needed. */
async function endTrigger(call: TriggerCall, run: RunContext): Promise<TriggerRun> {
  const { trigger } = call;
  const recorded = recordedResources(trigger);
  const retired = withPolicy(recorded).filter(({ id }) =>
    !(id.delete === "destroy" && id.owned === true)
  );
  const outcome: Outcome = { type: "Ok", value: null };
  const { done, pending } = await cleanUp(retired, cleanUpContext(call, run));
  const finalizers = pending ? undefined : nextFinalizers(trigger, false);
  if (finalizers) {
    return { outcome, trigger, update: { metadataPatch: finalizersPatch(trigger, finalizers) } };
  }
  const tree = { ...recorded.annotation, resources: {} };
  const text = recordText(managedRecord(tree, without(retired, done)));
  const isSame = retired.length === 0 || annotationOf(trigger, MANAGED_RESOURCES) === text;
  const metadataPatch = { annotations: { [MANAGED_RESOURCES]: text } };
  return {
    outcome,
    ...(pending ? { cleanUp: pending } : {}),
    trigger,
    update: isSame ? {} : { metadataPatch },
  };
}

type Ending = Pick<UpdateFacts, "report" | "trigger" | "record" | "cleanUp">;

/** Puts together what is to be written. */
function finished(call: TriggerCall, ending: Ending, run: RunContext): TriggerRun {
  const { isCustomResource, revision, trigger: used, contest } = call;
  const { report, update } = triggerUpdate({
    ...ending,
    used,
    isCustomResource,
    revision,
    contest: contest?.(),
    now: run.clock.now(),
  });
  return {
    outcome: reportOutcome(report),
    ...(ending.cleanUp ? { cleanUp: ending.cleanUp } : {}),
    ...(report.type === "run" ? { run: report.run } : {}),
    trigger: ending.trigger,
    update,
  };
}

function cleanUpContext(call: TriggerCall, run: RunContext): CleanUpContext {
  const { cluster, clock, signal, requestTimeoutMs } = run;
  const uid = member(call.trigger.metadata, "uid");
  return {
    cluster,
    clock,
    signal,
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    ownerUid: typeof uid === "string" ? uid : undefined,
    isManagedElsewhere: call.isManagedElsewhere,
  };
}

function without(
  resources: readonly RecordedResource[],
  done: readonly RecordedResource[],
): readonly RecordedResource[] {
  return resources.filter((resource) => !done.includes(resource));
}

/** DF-34: the record of this trigger, or that of another one, names the object as well. */
function sharedObjects(call: TriggerCall): (resource: ResourceIdentity) => boolean {
  const counts = new Map<string, number>();
  for (const { id } of recordedResources(call.trigger).reported) {
    if (id.readonly) continue;
    const key = identityKey(resourceOf(id));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return (resource) =>
    (counts.get(identityKey(resource)) ?? 0) > 1 ||
    (call.isManagedElsewhere?.(resource) ?? false);
}
