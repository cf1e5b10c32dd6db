// SPDX-License-Identifier: Apache-2.0

import type { Clock, KubernetesObject, Random } from "../runtime/ports.ts";
import { EVENT_STORAGE, eventInVersion } from "./event_versions.ts";
import type { Discovery } from "./discovery.ts";
import type { ObjectKey, ObjectStore } from "./object_store.ts";
import type { ServedResource } from "./served_resource.ts";

/** What every operation of the server works on. */
export interface ServerState {
  readonly store: ObjectStore;
  readonly discovery: Discovery;
  readonly clock: Clock;
  readonly random: Random;
}

/** One object that a request names. */
export interface ObjectTarget {
  readonly resource: ServedResource;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** How a write is to be made. */
export interface WriteOptions {
  /** Who writes: the name in `metadata.managedFields`. */
  readonly fieldManager: string;
  readonly subresource?: "status" | undefined;
  /** Everything is checked and computed, nothing is stored. */
  readonly dryRun?: boolean | undefined;
}

/** Where the target lies in the store. */
export function keyOf({ resource, namespace, name }: ObjectTarget): ObjectKey {
  return { storage: resource.storage, namespace, name };
}

/** The target of an object that is stored under `key`. */
export function targetOf(state: ServerState, key: ObjectKey): ObjectTarget | undefined {
  const resource = state.discovery.byStorage(key.storage);
  return resource && { resource, namespace: key.namespace, name: key.name };
}

/** The stored object in the version that was asked for: but for Events only its apiVersion differs. */
export function inVersion(resource: ServedResource, object: KubernetesObject): KubernetesObject {
  const { apiVersion } = resource;
  if (object.apiVersion === apiVersion) return object;
  return Object.freeze(converted(resource, object, apiVersion));
}

/** The object in the version that its kind is stored in. */
export function asStored(resource: ServedResource, object: KubernetesObject): KubernetesObject {
  const { custom, storage, apiVersion } = resource;
  if (storage === EVENT_STORAGE) return converted(resource, object, "v1");
  return { ...object, apiVersion: custom?.storageVersion ?? apiVersion };
}

function converted(
  { storage }: ServedResource,
  object: KubernetesObject,
  apiVersion: string,
): KubernetesObject {
  const isEvent = storage === EVENT_STORAGE && object.apiVersion !== apiVersion;
  return isEvent ? eventInVersion(object, apiVersion) : { ...object, apiVersion };
}
