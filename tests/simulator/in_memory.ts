// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from "../../src/language/mod.ts";
import type { Cluster, KubernetesObject, ObjectPath, WatchEvent } from "../../src/runtime/ports.ts";

export const CONFIG_MAPS = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" } as const;
export const NEVER = { signal: new AbortController().signal };

/** Creates a ConfigMap in the namespace "default". */
export function createConfigMap(
  cluster: Cluster,
  name: string,
  metadata: JsonObject = {},
): Promise<KubernetesObject> {
  return cluster.create({ ...CONFIG_MAPS, namespace: "default" }, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ...metadata },
  }, NEVER);
}

/** Path of a ConfigMap in the namespace "default". */
export function pathOf(name: string): ObjectPath {
  return { ...CONFIG_MAPS, namespace: "default", name };
}

/** Watches ConfigMaps of the namespace "default". */
export function watchConfigMaps(
  cluster: Cluster,
  resourceVersion: string,
): AsyncIterator<WatchEvent> {
  return cluster.watch(CONFIG_MAPS, { namespace: "default", resourceVersion }, NEVER)[
    Symbol.asyncIterator
  ]();
}
