// SPDX-License-Identifier: Apache-2.0

import {
  type BrokenDefinition,
  isJsonList,
  type JsonObject,
  type JsonValue,
  member,
  mergeMaps,
  type NonOk,
  type Outcome,
  type Workflow,
} from "../language/mod.ts";
import { conditionOf } from "./condition.ts";
import { cleanUp, type CleanUpContext } from "./clean_up.ts";
import { MANAGED_RESOURCES } from "./managed_resources.ts";
import {
  CLEANUP_FINALIZER,
  managedRecord,
  needsFinalizer,
  nextFinalizers,
  recordText,
  recordTooLarge,
} from "./managed_record.ts";
import { ownerOf } from "./owner_reference.ts";
import { type NextStatus, nextStatus, reportOutcome, type StatusReport } from "./parent_status.ts";
import type { KubernetesObject, ObjectPath } from "./ports.ts";
import { type RecordedResource, recordedResources, resourceOf } from "./recorded_resources.ts";
import { identityKey, type ResourceIdentity } from "./resource_identity.ts";
import { decideRetirement, withPolicy } from "./retirement.ts";
import type { RunContext } from "./run_context.ts";
import { parentOf, runWorkflow, type WorkflowRun } from "./run_workflow.ts";
import { createTriggerRecorder, finalizersPatch } from "./trigger_recorder.ts";
import { type FailedLookup, workflowFor, type WorkflowLookup } from "./trigger_lookup.ts";

/** Annotation with the revision that the last run used (TR-9a). */
export const REVISION = "koreo.dev/revision";

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
}

/** What is to be written on the trigger after a run; absent parts are as they should be. */
export interface TriggerUpdate {
  /** Merge patch of the object, with `metadata` alone. */
  readonly metadataPatch?: JsonObject;
  /** Merge patch of the status, without the key `status` (ST-1). */
  readonly statusPatch?: JsonObject;
  /** The whole status that the patch leads to. */
  readonly status?: JsonObject;
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
  return finished(call, { report, trigger: recorder.trigger(), record, pending }, run);
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
  if (!finalizersOf(trigger).includes(CLEANUP_FINALIZER)) return { outcome, trigger, update: {} };
  const { done, pending } = await cleanUp(retired, cleanUpContext(call, run));
  if (!pending) {
    const finalizers = nextFinalizers(trigger, false) ?? [];
    return { outcome, trigger, update: { metadataPatch: finalizersPatch(trigger, finalizers) } };
  }
  const tree = { ...recorded.annotation, resources: {} };
  const text = recordText(managedRecord(tree, without(retired, done)));
  const isSame = annotationOf(trigger, MANAGED_RESOURCES) === text;
  const metadataPatch = { annotations: { [MANAGED_RESOURCES]: text } };
  return { outcome, cleanUp: pending, trigger, update: isSame ? {} : { metadataPatch } };
}

interface Ending {
  readonly report: StatusReport;
  readonly trigger: KubernetesObject;
  /** The value of the annotation; absent: it stays (WF-33, TR-17). */
  readonly record?: JsonObject;
  readonly pending?: NonOk | undefined;
}

/** Puts together what is to be written. */
function finished(call: TriggerCall, ending: Ending, run: RunContext): TriggerRun {
  const { trigger, pending } = ending;
  const text = ending.record && recordText(ending.record);
  const tooLarge = text === undefined ? undefined : recordTooLarge(text);
  const report = tooLarge ? withOutcome(ending.report, tooLarge) : ending.report;
  const next = nextStatus({
    trigger: call.trigger,
    isCustomResource: call.isCustomResource,
    report,
    cleanUp: pending,
    now: run.clock.now(),
  });
  const metadata = metadataAfter(trigger, tooLarge ? {} : ending, report);
  return {
    outcome: reportOutcome(report),
    ...(pending ? { cleanUp: pending } : {}),
    ...(report.type === "run" ? { run: report.run } : {}),
    trigger,
    update: updateOf(call, next, metadata),
  };
}

/** LM-15: the run counts as failed, and its conditions say so. */
function withOutcome(report: StatusReport, outcome: NonOk): StatusReport {
  if (report.type !== "run") return report;
  const { run } = report;
  const subject = { type: "Ready", name: `Workflow ${run.workflow}`, workflow: run.workflow };
  const conditions = [...run.conditions.slice(0, -1), conditionOf(outcome, subject)];
  return { type: "run", run: { ...run, outcome, conditions } };
}

/** The metadata that differs: the record and the finalizer (ST-40, CL-20). */
function metadataAfter(
  trigger: KubernetesObject,
  { record }: Pick<Ending, "record">,
  report: StatusReport,
): JsonObject | undefined {
  if (!record) {
    // A run that could not start leaves the annotation, `{}` if there is none (WF-33).
    const isAbsent = annotationOf(trigger, MANAGED_RESOURCES) === undefined;
    const isUnready = report.type === "run" && report.run.stoppedBy === "readiness";
    return isAbsent && isUnready ? { annotations: { [MANAGED_RESOURCES]: "{}" } } : undefined;
  }
  const text = recordText(record);
  const finalizers = nextFinalizers(trigger, needsFinalizer(record));
  const isSame = annotationOf(trigger, MANAGED_RESOURCES) === text;
  if (isSame && !finalizers) return undefined;
  return {
    ...(isSame ? {} : { annotations: { [MANAGED_RESOURCES]: text } }),
    ...(finalizers ? finalizersPatch(trigger, finalizers) : {}),
  };
}

/** The revision goes along with another write, and is never one by itself (TR-9a). */
function updateOf(
  { trigger, revision }: TriggerCall,
  next: NextStatus,
  metadata: JsonObject | undefined,
): TriggerUpdate {
  const isWritten = next.patch !== undefined || metadata !== undefined;
  const isNew = revision !== undefined && annotationOf(trigger, REVISION) !== revision;
  const metadataPatch = isWritten && isNew
    ? mergeMaps(metadata ?? {}, { annotations: { [REVISION]: revision } })
    : metadata;
  return {
    ...(metadataPatch ? { metadataPatch } : {}),
    ...(next.patch ? { statusPatch: next.patch, status: next.status } : {}),
  };
}

function annotationOf(trigger: JsonObject, key: string): JsonValue | undefined {
  return member(member(trigger.metadata, "annotations"), key);
}

function finalizersOf(trigger: JsonObject): readonly JsonValue[] {
  const finalizers = member(trigger.metadata, "finalizers");
  return isJsonList(finalizers) ? finalizers : [];
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
