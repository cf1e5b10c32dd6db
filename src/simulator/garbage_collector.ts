// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, member } from "../language/mod.ts";
import type { JsonValue } from "../language/mod.ts";
import type { DeleteRequest, KubernetesObject } from "../runtime/ports.ts";
import { deleteObject } from "./delete_object.ts";
import { withKeys } from "./json_values.ts";
import { finalizersOf } from "./metadata_rules.ts";
import { type ObjectKey, ownerUids, uidOf } from "./object_store.ts";
import { type ServerState, targetOf } from "./server_state.ts";
import { writeBack } from "./update_object.ts";

/** Objects that the garbage collector has to look at after a change of one. */
export function affectedByOwners(
  state: ServerState,
  object: KubernetesObject,
  previous: KubernetesObject | undefined,
): readonly ObjectKey[] {
  const owners = new Set([...ownerUids(object), ...ownerUids(previous)]);
  const waiting = [...owners].map((uid) => state.store.byUid(uid))
    .filter((key) => key !== undefined)
    .filter((key) => isDeletingDependents(state.store.read(key)));
  return [...waiting, ...state.store.dependents(uidOf(object))];
}

/**
 * Looks at one object: deletes it when all its owners are gone, takes its leave of owners when
 * some remain, and moves on a foreground or orphaning deletion.
 */
export function collectObject(state: ServerState, key: ObjectKey): readonly ObjectKey[] {
  const object = state.store.read(key);
  if (object === undefined) return [];
  if (object.metadata.deletionTimestamp === undefined) return collectLive(state, key, object);
  const finalizers = finalizersOf(object.metadata);
  if (finalizers.includes("orphan")) return orphanDependents(state, key, object);
  if (finalizers.includes("foregroundDeletion")) return awaitDependents(state, key, object);
  return [];
}

function collectLive(
  state: ServerState,
  key: ObjectKey,
  object: KubernetesObject,
): readonly ObjectKey[] {
  const references = ownersOf(object);
  if (references.length === 0) return [];
  const judged = references.map((reference) => ({
    reference,
    state: judgeOwner(state, key, reference),
  }));
  const solid = judged.filter((one) => one.state === "solid");
  if (solid.length === judged.length) return [];
  if (solid.length > 0) {
    setOwners(state, key, { object, references: solid.map((one) => one.reference) });
    return [];
  }
  const dependents = state.store.dependents(uidOf(object));
  const isWaitedFor = judged.some((one) => one.state === "waiting") && dependents.length > 0;
  if (isWaitedFor) openCircle(state, key, { object, dependents });
  const propagation = isWaitedFor ? "Foreground" : presentPropagation(object);
  return removeDependent(state, key, { uid: uidOf(object), propagation });
}

// Two objects that wait for each other would wait for ever: the second no longer blocks the first.
function openCircle(
  state: ServerState,
  key: ObjectKey,
  { object, dependents }: {
    readonly object: KubernetesObject;
    readonly dependents: readonly ObjectKey[];
  },
): void {
  if (!dependents.some((one) => isDeletingDependents(state.store.read(one)))) return;
  const references = ownersOf(object).map((reference) =>
    isJsonObject(reference) ? { ...reference, blockOwnerDeletion: false } : reference
  );
  setOwners(state, key, { object, references });
}

function presentPropagation(object: KubernetesObject): "Foreground" | "Orphan" | "Background" {
  const finalizers = finalizersOf(object.metadata);
  if (finalizers.includes("orphan")) return "Orphan";
  return finalizers.includes("foregroundDeletion") ? "Foreground" : "Background";
}

function removeDependent(
  state: ServerState,
  key: ObjectKey,
  request: DeleteRequest,
): readonly ObjectKey[] {
  const target = targetOf(state, key);
  if (target !== undefined) deleteObject(state, target, request);
  return [];
}

type OwnerState = "solid" | "dangling" | "waiting";

// An owner whose kind is not served cannot be judged, and so it counts as being there.
function judgeOwner(state: ServerState, key: ObjectKey, reference: JsonValue): OwnerState {
  const text = (name: string) => String(member(reference, name) ?? "");
  const kind = state.discovery.byKind(text("apiVersion"), text("kind"));
  if (kind === undefined) return "solid";
  if (kind.namespaced && key.namespace === "") return "solid";
  const namespace = kind.namespaced ? key.namespace : "";
  const owner = state.store.read({ storage: kind.storage, namespace, name: text("name") });
  if (owner === undefined || uidOf(owner) !== text("uid")) return "dangling";
  return isDeletingDependents(owner) ? "waiting" : "solid";
}

function isDeletingDependents(object: KubernetesObject | undefined): boolean {
  return object?.metadata.deletionTimestamp !== undefined &&
    finalizersOf(object.metadata).includes("foregroundDeletion");
}

function awaitDependents(
  state: ServerState,
  key: ObjectKey,
  owner: KubernetesObject,
): readonly ObjectKey[] {
  const uid = uidOf(owner);
  const dependents = state.store.dependents(uid);
  const blocking = dependents.filter((dependent) =>
    ownersOf(state.store.read(dependent)).some((reference) =>
      member(reference, "uid") === uid && member(reference, "blockOwnerDeletion") === true
    )
  );
  if (blocking.length === 0) removeFinalizer(state, key, { owner, name: "foregroundDeletion" });
  return dependents.filter((dependent) =>
    state.store.read(dependent)?.metadata.deletionTimestamp === undefined
  );
}

function orphanDependents(
  state: ServerState,
  key: ObjectKey,
  owner: KubernetesObject,
): readonly ObjectKey[] {
  const uid = uidOf(owner);
  for (const dependent of state.store.dependents(uid)) {
    const object = state.store.read(dependent);
    if (object === undefined) continue;
    const references = ownersOf(object).filter((reference) => member(reference, "uid") !== uid);
    setOwners(state, dependent, { object, references });
  }
  removeFinalizer(state, key, { owner, name: "orphan" });
  return [];
}

function setOwners(
  state: ServerState,
  key: ObjectKey,
  { object, references }: {
    readonly object: KubernetesObject;
    readonly references: readonly JsonValue[];
  },
): void {
  const ownerReferences = references.length > 0 ? references : undefined;
  const next = { ...object, metadata: withKeys(object.metadata, { ownerReferences }) };
  writeBack(state, key, { live: object, next });
}

function removeFinalizer(
  state: ServerState,
  key: ObjectKey,
  { owner, name }: { readonly owner: KubernetesObject; readonly name: string },
): void {
  const left = finalizersOf(owner.metadata).filter((finalizer) => finalizer !== name);
  const finalizers = left.length > 0 ? left : undefined;
  const next = { ...owner, metadata: withKeys(owner.metadata, { finalizers }) };
  writeBack(state, key, { live: owner, next });
}

function ownersOf(object: KubernetesObject | undefined): readonly JsonValue[] {
  const references = member(object?.metadata, "ownerReferences");
  return isJsonList(references) ? references : [];
}
