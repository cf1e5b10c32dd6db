// SPDX-License-Identifier: Apache-2.0

import {
  combineOutcomes,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  member,
  type NonOk,
  type Retry,
} from "../language/mod.ts";
import type { ApiRequest } from "./api_failure.ts";
import { type RequestContext, sendRequest } from "./api_request.ts";
import { uidOf } from "./decide_action.ts";
import { LAST_APPLIED } from "./last_applied.ts";
import { ownerReferencesOf } from "./owner_reference.ts";
import type { Abortable } from "./ports.ts";
import { type RecordedResource, resourceOf } from "./recorded_resources.ts";
import { objectPath, type ResourceIdentity, resourceText } from "./resource_identity.ts";
import { cleanUpOrder } from "./retirement.ts";
import type { ResourceApi } from "./run_context.ts";

/** What clean-up does about one object (CL-11 to CL-13). */
export type CleanUpAction =
  /** It is gone, or not ours (any more). */
  | { readonly type: "done" }
  /** Its deletion was asked for already. */
  | { readonly type: "wait" }
  | { readonly type: "destroy"; readonly uid: string | undefined }
  | { readonly type: "abandon"; readonly body: JsonObject };

/** What an action is decided on. */
export interface CleanUpFacts {
  readonly resource: RecordedResource;
  readonly live: JsonObject | undefined;
  /** The trigger. */
  readonly ownerUid: string | undefined;
}

/** Decides what clean-up does about one retired resource. */
export function decideCleanUp({ resource: { id }, live, ownerUid }: CleanUpFacts): CleanUpAction {
  if (!live || !isOurs(id, live)) return { type: "done" };
  if (id.delete === "abandon") return abandon(live, ownerUid);
  if (member(live.metadata, "deletionTimestamp") !== undefined) return { type: "wait" };
  return { type: "destroy", uid: uidOf(live) };
}

/** CL-13: the recorded uid, or our annotation where none was recorded. */
function isOurs(id: JsonObject, live: JsonObject): boolean {
  if (typeof id.uid === "string") return id.uid === uidOf(live);
  return member(member(live.metadata, "annotations"), LAST_APPLIED) !== undefined;
}

/** CL-12. */
function abandon(live: JsonObject, ownerUid: string | undefined): CleanUpAction {
  const references = ownerReferencesOf(live);
  const others = references.filter((entry) =>
    ownerUid === undefined || member(entry, "uid") !== ownerUid
  );
  const annotations = member(live.metadata, "annotations");
  const isAnnotated = isJsonObject(annotations) && Object.hasOwn(annotations, LAST_APPLIED);
  if (!isAnnotated && others.length === references.length) return { type: "done" };
  const resourceVersion = member(live.metadata, "resourceVersion");
  const metadata: Record<string, JsonValue> = {};
  if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion;
  if (isAnnotated) metadata.annotations = { [LAST_APPLIED]: null };
  if (others.length < references.length) metadata.ownerReferences = others;
  return { type: "abandon", body: { metadata } };
}

/** What clean-up needs of its surroundings. */
export interface CleanUpContext extends RequestContext {
  readonly cluster: ResourceApi;
  /** Uid of the trigger. */
  readonly ownerUid: string | undefined;
  /** Whether another trigger manages the object (CL-13). */
  readonly isManagedElsewhere?: ((resource: ResourceIdentity) => boolean) | undefined;
}

/** What one round of clean-up did. */
export interface CleanUpReport {
  /** Resources that are finished with. */
  readonly done: readonly RecordedResource[];
  /** Why clean-up is not finished; absent when it is. */
  readonly pending?: NonOk;
}

/** How many objects are looked at at the same time. */
const CONCURRENCY = 10;
const DELAY_SECONDS = 15;

/**
 * Cleans up retired resources as far as that is possible now (CL-10): a step's resources are
 * finished before those of the step before it are begun.
 *
 * Rejects with the reason of the signal when aborted; failures of the cluster are in the report.
 */
export async function cleanUp(
  retired: readonly RecordedResource[],
  context: CleanUpContext,
): Promise<CleanUpReport> {
  const done: RecordedResource[] = [];
  for (const group of cleanUpOrder(retired)) {
    const pending: NonOk[] = [];
    for (let start = 0; start < group.length; start += CONCURRENCY) {
      const batch = group.slice(start, start + CONCURRENCY);
      const results = await Promise.all(batch.map((one) => cleanUpOne(one, context)));
      for (const [index, result] of results.entries()) {
        const resource = batch[index];
        if (result) pending.push(result);
        else if (resource) done.push(resource);
      }
    }
    const [first] = pending;
    if (first) return { done, pending: combined(pending, first) };
  }
  return { done };
}

function combined(pending: readonly NonOk[], first: NonOk): NonOk {
  const outcome = combineOutcomes(pending);
  return outcome.type === "Ok" ? first : outcome;
}

/** Cleans up one object; `undefined` when it is finished with. */
async function cleanUpOne(
  resource: RecordedResource,
  context: CleanUpContext,
): Promise<NonOk | undefined> {
  const object = resourceOf(resource.id);
  if (context.isManagedElsewhere?.(object)) return undefined;
  const policy = resource.id.delete === "abandon" ? "abandon" : "destroy";
  const location = `spec.delete.${policy}`;
  const request = (verb: ApiRequest["verb"]): ApiRequest => ({
    verb,
    resource: object,
    location,
    delaySeconds: DELAY_SECONDS,
  });
  const path = objectPath(object);
  const { cluster, ownerUid } = context;
  const read = await sendRequest(request("get"), (o) => cluster.get(path, o), context);
  if (read.type !== "Ok") return read;
  const action = decideCleanUp({ resource, live: read.value, ownerUid });
  return await carryOut(action, { object, request, location, context });
}

interface Surroundings {
  readonly object: ResourceIdentity & { readonly plural: string };
  readonly request: (verb: ApiRequest["verb"]) => ApiRequest;
  readonly location: string;
  readonly context: CleanUpContext;
}

async function carryOut(action: CleanUpAction, on: Surroundings): Promise<NonOk | undefined> {
  const { object, request, location, context } = on;
  const { cluster } = context;
  const path = objectPath(object);
  const message = `Deleting ${resourceText(object)}.`;
  const deleting: Retry = { type: "Retry", delaySeconds: DELAY_SECONDS, message, location };
  switch (action.type) {
    case "done":
      return undefined;
    case "wait":
      return deleting;
    case "destroy": {
      const precondition = action.uid === undefined ? {} : { uid: action.uid };
      const send = (o: Abortable) => cluster.delete(path, precondition, o);
      const sent = await sendRequest(request("delete"), send, context);
      return sent.type === "Ok" ? deleting : sent;
    }
    case "abandon": {
      const patch = { type: "merge", body: action.body } as const;
      const send = (o: Abortable) => cluster.patch(path, patch, o);
      const sent = await sendRequest(request("patch"), send, context);
      return sent.type === "Ok" ? undefined : sent;
    }
  }
}
