// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from "../../language/mod.ts";
import {
  createMergePatch,
  jsonEqual,
  type ResourceApi,
  type TriggerUpdate,
} from "../../runtime/mod.ts";
import {
  type Abortable,
  ClusterError,
  type KubernetesObject,
  type ObjectPath,
} from "../../runtime/ports.ts";

/** What is to be written on a trigger, and how. */
export interface TriggerWrite {
  readonly update: TriggerUpdate;
  /**
   * The status made for the trigger as it is now. Present where others write parts of the status
   * too (ST-8): then it is written only onto the trigger that was read.
   */
  readonly statusFor?: (trigger: KubernetesObject) => JsonObject;
}

/** The status written last, and what the server made of it. */
export interface SentStatus {
  readonly status: JsonObject;
  readonly stored: JsonObject;
}

/** Where and how to write. */
export interface TriggerTarget {
  readonly cluster: Pick<ResourceApi, "get" | "patch">;
  readonly path: ObjectPath;
  /** Whether the kind has a status subresource. */
  readonly hasStatus: boolean;
  readonly sent: SentStatus | undefined;
}

/** What was written. */
export interface TriggerWritten {
  readonly sent: SentStatus | undefined;
  readonly isStatusWritten: boolean;
}

/** How often a shared status is made anew because the trigger changed meanwhile. */
const MAX_CONFLICTS = 3;

/**
 * Writes on a trigger what differs (ST-1), with as few requests as that takes: none, one for the
 * metadata, one for the status; one for both where there is no status subresource.
 *
 * Rejects with the ClusterError of a write that failed.
 */
export async function writeTrigger(
  trigger: KubernetesObject,
  write: TriggerWrite,
  target: TriggerTarget,
  abort: Abortable,
): Promise<TriggerWritten> {
  const { metadataPatch } = write.update;
  const status = statusChange(trigger, write.update.status, target.sent);
  if (!target.hasStatus && write.statusFor === undefined) {
    const metadata = metadataPatch === undefined ? {} : { metadata: metadataPatch };
    return await send(target, { ...metadata, ...status?.patch }, status, abort);
  }
  let current = trigger;
  if (metadataPatch !== undefined) {
    current = await patch(target, { body: { metadata: metadataPatch }, isStatus: false }, abort);
  }
  if (status === undefined) return { sent: target.sent, isStatusWritten: false };
  if (write.statusFor === undefined) return await send(target, status.patch, status, abort);
  return await sendShared(current, { ...write, statusFor: write.statusFor }, target, abort);
}

interface StatusChange {
  /** Merge patch of the object, with the key `status` alone. */
  readonly patch: JsonObject;
  readonly desired: JsonObject;
}

function statusChange(
  trigger: KubernetesObject,
  desired: JsonObject | undefined,
  sent: SentStatus | undefined,
): StatusChange | undefined {
  if (desired === undefined) return undefined;
  const present = isJsonObject(trigger.status) ? trigger.status : {};
  const patch = createMergePatch({ status: present }, { status: desired });
  if (patch === undefined || isInVain(desired, present, sent)) return undefined;
  return { patch, desired };
}

/** Whether the same was written already and the server keeps something else of it. */
function isInVain(desired: JsonObject, present: JsonObject, sent: SentStatus | undefined): boolean {
  return sent !== undefined && jsonEqual(withoutTimes(sent.status), withoutTimes(desired)) &&
    jsonEqual(sent.stored, present);
}

/** A status without the times of its conditions: they follow from the rest. */
function withoutTimes(status: JsonObject): JsonObject {
  const { conditions } = status;
  if (!isJsonList(conditions)) return status;
  return { ...status, conditions: conditions.map(withoutTimesOf) };
}

function withoutTimesOf(condition: JsonValue): JsonValue {
  if (!isJsonObject(condition)) return condition;
  const { lastTransitionTime: _, lastUpdateTime: __, ...rest } = condition;
  return rest;
}

/** A list is replaced as a whole: the conditions of others must be those that were read. */
async function sendShared(
  trigger: KubernetesObject,
  write: Required<Pick<TriggerWrite, "statusFor">>,
  target: TriggerTarget,
  abort: Abortable,
): Promise<TriggerWritten> {
  let current = trigger;
  for (let conflicts = 0;; conflicts++) {
    const status = statusChange(current, write.statusFor(current), target.sent);
    if (status === undefined) return { sent: target.sent, isStatusWritten: false };
    const { resourceVersion = null } = current.metadata;
    try {
      return await send(target, { metadata: { resourceVersion }, ...status.patch }, status, abort);
    } catch (failure) {
      const isConflict = failure instanceof ClusterError && failure.status === 409;
      if (!isConflict || conflicts === MAX_CONFLICTS) throw failure;
      const latest = await target.cluster.get(target.path, abort);
      if (latest?.metadata.uid !== trigger.metadata.uid || latest === undefined) throw failure;
      current = latest;
    }
  }
}

async function send(
  target: TriggerTarget,
  body: JsonObject,
  status: StatusChange | undefined,
  abort: Abortable,
): Promise<TriggerWritten> {
  if (Object.keys(body).length === 0) return { sent: target.sent, isStatusWritten: false };
  const stored = await patch(target, { body, isStatus: status !== undefined }, abort);
  if (status === undefined) return { sent: target.sent, isStatusWritten: false };
  const kept = isJsonObject(stored.status) ? stored.status : {};
  return { sent: { status: status.desired, stored: kept }, isStatusWritten: true };
}

async function patch(
  { cluster, path, hasStatus }: TriggerTarget,
  { body, isStatus }: { readonly body: JsonObject; readonly isStatus: boolean },
  abort: Abortable,
): Promise<KubernetesObject> {
  const subresource = hasStatus && isStatus ? { subresource: "status" as const } : {};
  return await cluster.patch(path, { type: "merge", body, ...subresource }, abort);
}
