// SPDX-License-Identifier: Apache-2.0

import { isJsonList, type JsonObject, member, type PermFail } from "../language/mod.ts";
import {
  formerEntry,
  recordedIn,
  type RecordedResource,
  type RecordedResources,
  resourceOf,
} from "./recorded_resources.ts";
import { identityKey } from "./resource_identity.ts";

/** Finalizer of a trigger whose resources Koreo must clean up itself (TR-8). */
export const CLEANUP_FINALIZER = "koreo.dev/cleanup";
/** LM-15. */
const MAX_RECORD_BYTES = 200 * 1024;

/** The value of the annotation: what a run reported, and what is not finished with (ST-40, ST-45). */
export function managedRecord(tree: JsonObject, former: readonly RecordedResource[]): JsonObject {
  const { former: _, ...reported } = tree;
  return former.length === 0 ? reported : { ...reported, former: former.map(formerEntry) };
}

/** The text of the annotation: JSON without white space. */
export function recordText(record: JsonObject): string {
  return JSON.stringify(record);
}

/** The outcome of a run whose annotation would be too large (LM-15). */
export function recordTooLarge(text: string): PermFail | undefined {
  // A UTF-16 unit needs at most three bytes: what is far from the limit is not encoded.
  if (text.length * 3 <= MAX_RECORD_BYTES) return undefined;
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes <= MAX_RECORD_BYTES) return undefined;
  const message = `managed-resources-too-large: the annotation needs ${bytes} bytes, ` +
    `at most ${MAX_RECORD_BYTES} are allowed`;
  return { type: "PermFail", message };
}

/**
 * The value of the annotation with a resource in it that is about to be created (CL-3), or
 * `undefined` when it is recorded already.
 */
export function recordAhead(
  recorded: RecordedResources,
  resource: RecordedResource,
): JsonObject | undefined {
  const key = identityKey(resourceOf(resource.id));
  // A uid that is out of date would make the object another's after a crash (CL-13).
  const isSame = ({ id }: RecordedResource) =>
    identityKey(resourceOf(id)) === key && id.delete === resource.id.delete &&
    id.owned === resource.id.owned && (id.uid === undefined || id.uid === resource.id.uid);
  if ([...recorded.reported, ...recorded.former].some(isSame)) return undefined;
  const others = recorded.former.filter(({ id }) => identityKey(resourceOf(id)) !== key);
  return managedRecord(recorded.annotation, [...others, resource]);
}

/** Whether the trigger must carry the finalizer while this is recorded (CL-20). */
export function needsFinalizer(record: JsonObject): boolean {
  const former = isJsonList(record.former) ? record.former : [];
  const ids = [...recordedIn(record).map(({ id }): JsonObject => id), ...former];
  return ids.some((id) => {
    const [policy, owned] = [member(id, "delete"), member(id, "owned")];
    return policy === "destroy" && owned === false || policy === "abandon" && owned === true;
  });
}

/** The finalizers of a trigger with or without Koreo's, or `undefined` when they are right. */
export function nextFinalizers(
  trigger: JsonObject,
  isNeeded: boolean,
): readonly string[] | undefined {
  const present = member(trigger.metadata, "finalizers");
  const finalizers = isJsonList(present)
    ? present.filter((entry) => typeof entry === "string")
    : [];
  if (finalizers.includes(CLEANUP_FINALIZER) === isNeeded) return undefined;
  return isNeeded
    ? [...finalizers, CLEANUP_FINALIZER]
    : finalizers.filter((entry) => entry !== CLEANUP_FINALIZER);
}
