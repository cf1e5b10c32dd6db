// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, type JsonObject, jsonObject, memberAt } from "../../language/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";
import { jsonEqual } from "../../runtime/mod.ts";
import type { WakeReason } from "../queue/wake_reason.ts";

/** Annotations of Koreo whose change makes a run due (TR-2 to TR-6). */
const COUNTED = new Set([
  "koreo.dev/workflow",
  "koreo.dev/merge-conditions",
  "koreo.dev/reconcile",
  "koreo.dev/requested-at",
  "koreo.dev/last-manual-reconcile",
  "koreo.dev/channel",
]);
const BOOKKEEPING = ["koreo.dev", "kubectl.kubernetes.io"];

/** Whether the step from one state of a trigger to the next makes a run due (TR-18). */
export function isRunDue(before: KubernetesObject, after: KubernetesObject): boolean {
  return memberAt(before, "metadata", "uid") !== memberAt(after, "metadata", "uid") ||
    !jsonEqual(before.spec ?? null, after.spec ?? null) ||
    !jsonEqual(labelsOf(before), labelsOf(after)) ||
    !jsonEqual(countedAnnotations(before), countedAnnotations(after)) ||
    isBeingDeleted(before) !== isBeingDeleted(after);
}

/** Why a run of a trigger that is seen for the first time is due. */
export function firstReason(trigger: KubernetesObject, isInitial: boolean): WakeReason {
  if (!isInitial) return "edited";
  const observed = memberAt(trigger, "status", "observedGeneration");
  const isBehind = observed !== undefined &&
    observed !== memberAt(trigger, "metadata", "generation");
  return isBehind || isBeingDeleted(trigger) ? "changedWhileAway" : "seen";
}

/** Whether the deletion of an object was asked for. */
export function isBeingDeleted(object: KubernetesObject): boolean {
  return memberAt(object, "metadata", "deletionTimestamp") !== undefined;
}

function labelsOf(object: KubernetesObject): JsonObject {
  const labels = memberAt(object, "metadata", "labels");
  return isJsonObject(labels) ? labels : {};
}

function countedAnnotations(object: KubernetesObject): JsonObject {
  const annotations = memberAt(object, "metadata", "annotations");
  if (!isJsonObject(annotations)) return {};
  return jsonObject(Object.entries(annotations).filter(([key]) => isCounted(key)));
}

function isCounted(key: string): boolean {
  return COUNTED.has(key) || !BOOKKEEPING.some((prefix) => key.startsWith(prefix));
}
