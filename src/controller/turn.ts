// SPDX-License-Identifier: Apache-2.0

import { identityKey, type ResourceApi } from "../runtime/mod.ts";
import type { KubernetesObject, ObjectPath, ResourceType } from "../runtime/ports.ts";
import { createCachedCluster, type WriteReport } from "./cached_cluster.ts";
import { afterDriftRun } from "./drift_pace.ts";
import type { ReconcileContext } from "./reconcile_context.ts";
import { parseTriggerKey, type TriggerName } from "./trigger_key.ts";
import type { TriggerMemory } from "./trigger_memory.ts";
import type { WorkItem } from "./work_queue.ts";

/** One turn of one trigger. */
export interface Turn {
  readonly item: WorkItem;
  readonly name: TriggerName;
  readonly context: ReconcileContext;
  readonly memory: TriggerMemory;
  readonly resource: ResourceType;
  readonly path: ObjectPath;
  /** The cluster with its watch caches. */
  readonly cluster: ResourceApi;
  readonly signal: AbortSignal;
  /** How many writes to managed objects were carried out so far. */
  readonly writes: () => number;
}

/** A turn, and the trigger as it was when it began. */
export interface TriggerTurn extends Turn {
  readonly trigger: KubernetesObject;
}

/** A turn of a trigger; `undefined` when its kind is no longer followed. */
export function createTurn(
  item: WorkItem,
  context: ReconcileContext,
  signal: AbortSignal,
): Turn | undefined {
  const { storeKey: _, ...name } = parseTriggerKey(item.key);
  const resource = context.kinds.byKind(name)?.resource;
  if (resource === undefined) return undefined;
  const memory = context.memories.of(item.key);
  const path: ObjectPath = { ...name, plural: resource.plural };
  const itself = identityKey(path);
  let writes = 0;
  memory.touched.clear();
  memory.hasDeletionEnded = false;
  if (item.reasons.includes("managed")) {
    memory.drift = afterDriftRun(memory.drift, context.clock.now());
  }
  const cluster = createCachedCluster({
    cluster: context.cluster,
    kinds: context.kinds,
    onTouch: (touched) => {
      const key = identityKey(touched);
      if (key === itself || memory.touched.has(key)) return;
      // What happens to it from now on makes the next run due, before it stands in the record.
      memory.touched.add(key);
      context.watched.add(item.key, key);
    },
    onWrite: (report) => {
      if (identityKey(report.path) === itself) return;
      writes++;
      tellWrite(item, context, report);
    },
  });
  return { item, name, context, memory, resource, path, cluster, signal, writes: () => writes };
}

function tellWrite(item: WorkItem, context: ReconcileContext, report: WriteReport): void {
  const { storeKey: _, ...trigger } = parseTriggerKey(item.key);
  const { apiVersion, kind, namespace, name } = report.path;
  const object = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
  const isHealing = report.verb !== "delete" && isHealed(item, context, identityKey(report.path));
  context.observe({ type: "object-written", trigger, verb: report.verb, object, isHealing });
}

/** Nothing but a change by someone else made the run due, and the object was recorded before it. */
function isHealed(item: WorkItem, { managed }: ReconcileContext, object: string): boolean {
  return item.reasons.every((reason) => reason === "managed") &&
    managed.objectsOf(item.key).has(object);
}
