// SPDX-License-Identifier: Apache-2.0

import type { Clock, KubernetesObject, Random } from "../runtime/ports.ts";
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

/** The stored object in the version that was asked for: only its apiVersion can differ. */
export function inVersion(resource: ServedResource, object: KubernetesObject): KubernetesObject {
  if (object.apiVersion === resource.apiVersion) return object;
  return Object.freeze({ ...object, apiVersion: resource.apiVersion });
}
