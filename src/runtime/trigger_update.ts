// SPDX-License-Identifier: Apache-2.0

import { type JsonObject, type JsonValue, member, mergeMaps, type NonOk } from "../language/mod.ts";
import { conditionOf } from "./condition.ts";
import { needsFinalizer, nextFinalizers, recordText, recordTooLarge } from "./managed_record.ts";
import { MANAGED_RESOURCES } from "./managed_resources.ts";
import { type NextStatus, nextStatus, type StatusReport } from "./parent_status.ts";
import type { KubernetesObject } from "./ports.ts";
import { finalizersPatch } from "./trigger_recorder.ts";

/** Annotation with the revision that the last run used (TR-9a). */
export const REVISION = "koreo.dev/revision";

/** What is to be written on the trigger after a run; absent parts are as they should be. */
export interface TriggerUpdate {
  /** Merge patch of the object, with `metadata` alone. */
  readonly metadataPatch?: JsonObject;
  /** Merge patch of the status, without the key `status` (ST-1). */
  readonly statusPatch?: JsonObject;
  /** The whole status that the patch leads to. */
  readonly status?: JsonObject;
}

/** What the writes on a trigger follow from. */
export interface UpdateFacts {
  readonly report: StatusReport;
  /** The trigger that the run used. */
  readonly used: KubernetesObject;
  /** The trigger as it is now: the run may have recorded on it (CL-3). */
  readonly trigger: KubernetesObject;
  readonly isCustomResource: boolean;
  readonly revision?: string | undefined;
  /** The value of the annotation; absent: it stays (WF-33, TR-17). */
  readonly record?: JsonObject;
  /** Why clean-up is not finished (CL-24). */
  readonly cleanUp?: NonOk | undefined;
  /** Who keeps undoing what of the trigger's objects; absent when nobody does. */
  readonly contest?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What is to be written on a trigger after a run, and what its status tells of (chapter 12). */
export function triggerUpdate(
  facts: UpdateFacts,
): { readonly report: StatusReport; readonly update: TriggerUpdate } {
  const { trigger, used, isCustomResource, record, cleanUp, contest, now } = facts;
  const tooLarge = record && recordTooLarge(recordText(record));
  const report = tooLarge ? withOutcome(facts.report, tooLarge) : facts.report;
  const next = nextStatus({ trigger: used, isCustomResource, report, cleanUp, contest, now });
  const metadata = metadataAfter(trigger, tooLarge ? undefined : record, report);
  return { report, update: updateOf(facts, next, metadata) };
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
  record: JsonObject | undefined,
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
  { used, revision }: UpdateFacts,
  next: NextStatus,
  metadata: JsonObject | undefined,
): TriggerUpdate {
  const isWritten = next.patch !== undefined || metadata !== undefined;
  const isNew = revision !== undefined && annotationOf(used, REVISION) !== revision;
  const metadataPatch = isWritten && isNew
    ? mergeMaps(metadata ?? {}, { annotations: { [REVISION]: revision } })
    : metadata;
  return {
    ...(metadataPatch ? { metadataPatch } : {}),
    ...(next.patch ? { statusPatch: next.patch, status: next.status } : {}),
  };
}

/** The value of an annotation. */
export function annotationOf(trigger: JsonObject, key: string): JsonValue | undefined {
  return member(member(trigger.metadata, "annotations"), key);
}
