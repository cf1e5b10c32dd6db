// SPDX-License-Identifier: Apache-2.0

import { member } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import {
  CLEANUP_FINALIZER,
  DEFINITIONS,
  establishedStatus,
  servedVersions,
} from "./custom_resources.ts";
import { deleteObject } from "./delete_object.ts";
import { affectedByOwners, collectObject } from "./garbage_collector.ts";
import { withKeys } from "./json_values.ts";
import { finalizersOf } from "./metadata_rules.ts";
import type { ObjectKey } from "./object_store.ts";
import { type ServerState, targetOf } from "./server_state.ts";
import { formatTimestamp } from "./timestamp.ts";
import { writeBack } from "./update_object.ts";
import type { StoreEvent } from "./watch_hub.ts";

/** What kube-controller-manager does in a cluster, as far as it is played here. */
export interface Controllers {
  /** Notes what a change gives them to do. */
  observe(key: ObjectKey, event: StoreEvent): void;
  /** Does all of it, one object after the other in the order of the changes. */
  settle(): void;
  readonly hasWork: boolean;
}

const NAMESPACES = "/namespaces";

/** Garbage collection, emptying of namespaces, and serving of custom kinds. */
export function createControllers(state: ServerState): Controllers {
  const queue = new Map<string, ObjectKey>();

  function add(key: ObjectKey): void {
    queue.set(`${key.storage} ${key.namespace} ${key.name}`, key);
  }
  function observe(key: ObjectKey, { type, object, previous }: StoreEvent): void {
    if (key.storage === DEFINITIONS && type === "DELETED") state.discovery.withdraw(key.name);
    else add(key);
    for (const affected of affectedByOwners(state, object, previous)) add(affected);
    if (type !== "DELETED") return;
    if (key.namespace !== "") add({ storage: NAMESPACES, namespace: "", name: key.namespace });
    const custom = state.discovery.byStorage(key.storage)?.custom;
    if (custom) add({ storage: DEFINITIONS, namespace: "", name: custom.definition });
  }
  return {
    get hasWork() {
      return queue.size > 0;
    },
    observe,
    settle() {
      for (const [id, key] of queue) {
        queue.delete(id);
        reconcile(state, key).forEach(add);
      }
    },
  };
}

function reconcile(state: ServerState, key: ObjectKey): readonly ObjectKey[] {
  const object = state.store.read(key);
  if (object === undefined) return [];
  const next = collectObject(state, key);
  if (key.storage === NAMESPACES) emptyNamespace(state, key);
  if (key.storage === DEFINITIONS) serveDefinition(state, key);
  return next;
}

function emptyNamespace(state: ServerState, key: ObjectKey): void {
  const namespace = state.store.read(key);
  if (namespace?.metadata.deletionTimestamp === undefined) return;
  for (const held of state.store.inNamespace(key.name)) removeHeld(state, held);
  if (state.store.inNamespace(key.name).length > 0) return;
  writeBack(state, key, { live: namespace, next: { ...namespace, spec: {} } });
}

function removeHeld(state: ServerState, key: ObjectKey): void {
  const target = targetOf(state, key);
  const object = state.store.read(key);
  if (target === undefined || object?.metadata.deletionTimestamp !== undefined) return;
  deleteObject(state, target, { propagation: "Background" });
}

function serveDefinition(state: ServerState, key: ObjectKey): void {
  const definition = state.store.read(key);
  if (definition === undefined) return;
  if (definition.metadata.deletionTimestamp !== undefined) {
    return withdrawDefinition(state, key, definition);
  }
  state.discovery.serve(key.name, servedVersions(definition));
  const status = establishedStatus(definition, formatTimestamp(state.clock.now()));
  writeBack(state, key, { live: definition, next: { ...definition, status } });
}

function withdrawDefinition(
  state: ServerState,
  key: ObjectKey,
  definition: KubernetesObject,
): void {
  const names = member(definition.spec, "names");
  const storage = `${String(member(definition.spec, "group"))}/${String(member(names, "plural"))}`;
  for (const object of state.store.scan(storage)) {
    const { name, namespace } = object.metadata;
    removeHeld(state, { storage, name: String(name), namespace: String(namespace ?? "") });
  }
  if (state.store.scan(storage).length > 0) return;
  const left = finalizersOf(definition.metadata).filter((one) => one !== CLEANUP_FINALIZER);
  const metadata = withKeys(definition.metadata, {
    finalizers: left.length > 0 ? left : undefined,
  });
  writeBack(state, key, { live: definition, next: { ...definition, metadata } });
}
