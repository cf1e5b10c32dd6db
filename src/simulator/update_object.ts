// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, member } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import { changeFaults, contentFaults } from "./built_in_rules.ts";
import { checkKind } from "./create_object.ts";
import { schemaFaults, shapeCustomObject } from "./custom_schema.ts";
import { sameJson, withKeys } from "./json_values.ts";
import { foldStringData, keepAllocated, withDefaults, withoutEmpties } from "./kind_rules.ts";
import { sameButTimes, trackUpdate } from "./managed_fields.ts";
import { finalizersOf, updateFaults } from "./metadata_rules.ts";
import type { ObjectKey } from "./object_store.ts";
import type { ServedResource } from "./served_resource.ts";
import {
  asStored,
  inVersion,
  keyOf,
  type ObjectTarget,
  type ServerState,
  targetOf,
  type WriteOptions,
} from "./server_state.ts";
import { badRequest, conflict, invalid, MODIFIED, notFound } from "./status_error.ts";

/** Makes the new object out of the live one. */
export type Change = (live: KubernetesObject) => KubernetesObject;

/** Changes an object and returns it as stored; a change of nothing writes nothing. */
export function updateObject(
  state: ServerState,
  target: ObjectTarget,
  change: Change,
  options: WriteOptions,
): KubernetesObject {
  const live = liveObject(state, target);
  const proposed = change(live);
  checkUpdate(target, live, proposed);
  const next = prepareUpdated(target.resource, { live, proposed, ...options });
  const tracked = trackUpdate(state, target.resource, { live, next, ...options });
  return storeUpdated(state, target, { live, next: tracked, dryRun: options.dryRun });
}

/** The object in the version that was asked for. */
export function liveObject(state: ServerState, target: ObjectTarget): KubernetesObject {
  const found = state.store.read(keyOf(target));
  if (found === undefined) throw notFound(target.resource, target.name);
  return inVersion(target.resource, found);
}

/** Refuses a change of what identifies the object, or one based on an old version. */
export function checkUpdate(
  target: ObjectTarget,
  live: KubernetesObject,
  proposed: KubernetesObject,
): void {
  const { resource, namespace, name } = target;
  checkKind(resource, proposed);
  const { metadata } = proposed;
  if (!isJsonObject(metadata)) throw badRequest("metadata must be an object");
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${String(metadata.name)}) does not match the name on the URL ` +
        `(${name})`,
    );
  }
  if ((metadata.namespace ?? namespace) !== namespace) {
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
  const version = metadata.resourceVersion;
  if (version && version !== live.metadata.resourceVersion) {
    throw conflict(resource, name, MODIFIED);
  }
}

interface Proposal {
  readonly live: KubernetesObject;
  readonly proposed: KubernetesObject;
  readonly subresource?: "status" | undefined;
}

/** The change as far as the kind and the subresource let it happen. */
export function prepareUpdated(resource: ServedResource, proposal: Proposal): KubernetesObject {
  const next = proposal.subresource === "status"
    ? withKeys(proposal.live, { status: proposal.proposed.status })
    : mainUpdate(resource, proposal);
  const pruned = shapeCustomObject(resource, withoutEmpties(resource.storage, next));
  const faults = [
    ...updateFaults(proposal.live.metadata, pruned.metadata),
    ...contentFaults(resource.storage, pruned),
    ...changeFaults(resource.storage, proposal.live, pruned),
    ...schemaFaults(resource, pruned),
  ];
  if (faults.length > 0) {
    throw invalid(resource, String(proposal.live.metadata.name), faults);
  }
  return restoreMetadata(resource, proposal.live, pruned);
}

function mainUpdate(resource: ServedResource, { live, proposed }: Proposal): KubernetesObject {
  const kept = resource.hasStatus ? withKeys(proposed, { status: live.status }) : proposed;
  const { storage } = resource;
  return withDefaults(storage, keepAllocated(storage, live, foldStringData(storage, kept)));
}

const SERVER_KEYS = [
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "namespace",
  "resourceVersion",
] as const;

function restoreMetadata(
  resource: ServedResource,
  live: KubernetesObject,
  next: KubernetesObject,
): KubernetesObject {
  const kept = Object.fromEntries(SERVER_KEYS.map((key) => [key, live.metadata[key]]));
  const generation = live.metadata.generation;
  const counted = resource.countsGenerations && typeof generation === "number" &&
    contentChanged(resource, live, next);
  const metadata = withKeys(next.metadata, {
    ...kept,
    selfLink: undefined,
    generation: counted ? generation + 1 : generation,
  });
  return { ...next, metadata };
}

function contentChanged(
  resource: ServedResource,
  live: KubernetesObject,
  next: KubernetesObject,
): boolean {
  const content = (object: KubernetesObject) =>
    withKeys(object, {
      metadata: undefined,
      ...(resource.hasStatus ? { status: undefined } : {}),
    });
  return !sameJson(content(live), content(next));
}

/** Stores a prepared change, or removes the object when its last finalizer has gone. */
export function storeUpdated(
  state: ServerState,
  target: ObjectTarget,
  change: {
    readonly live: KubernetesObject;
    readonly next: KubernetesObject;
    readonly dryRun?: boolean | undefined;
  },
): KubernetesObject {
  const { live, next, dryRun } = change;
  if (sameButTimes(live, next)) return live;
  if (dryRun) return next;
  const object = asStored(target.resource, next);
  const stored = isFinished(object)
    ? state.store.remove(keyOf(target), object)
    : state.store.write(keyOf(target), object);
  return inVersion(target.resource, stored);
}

function isFinished(object: KubernetesObject): boolean {
  return object.metadata.deletionTimestamp !== undefined &&
    finalizersOf(object.metadata).length === 0 &&
    !member(object.spec, "finalizers")?.toString();
}

/** Stores what a controller of the server made of an object, if that is anything else. */
export function writeBack(
  state: ServerState,
  key: ObjectKey,
  change: { readonly live: KubernetesObject; readonly next: KubernetesObject },
): void {
  const target = targetOf(state, key);
  if (target === undefined || sameJson(change.live, change.next)) return;
  storeUpdated(state, target, change);
}
