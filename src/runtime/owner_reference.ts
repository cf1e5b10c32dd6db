// SPDX-License-Identifier: Apache-2.0

import {
  isJsonList,
  type JsonObject,
  type JsonValue,
  member,
  memberAt,
  type ResourceFunction,
} from "../language/mod.ts";
import { identityKey, type ResourceIdentity } from "./resource_identity.ts";

/** The trigger that owner references name. */
export interface Owner extends ResourceIdentity {
  /** `metadata.uid` of the trigger. */
  readonly uid: string;
}

/** The owner that an object is, or `undefined` while it has no uid (FW-15). */
export function ownerOf(trigger: JsonObject): Owner | undefined {
  const { apiVersion, kind, metadata } = trigger;
  const [name, namespace, uid] = ["name", "namespace", "uid"].map((key) => member(metadata, key));
  if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined;
  if (typeof name !== "string" || typeof uid !== "string" || uid === "") return undefined;
  const place = typeof namespace === "string" && namespace !== "" ? { namespace } : {};
  return { apiVersion, kind, ...place, name, uid };
}

/** Whether an object of this function must name the owner (RF-50). */
export function isOwnerReferenceDue(
  fn: ResourceFunction,
  resource: ResourceIdentity,
  owner: Owner | undefined,
): owner is Owner {
  const { owned, mode, namespaced } = fn.apiConfig;
  return owner !== undefined && owned && mode !== "readonly" && namespaced &&
    resource.namespace !== undefined && resource.namespace === owner.namespace &&
    identityKey(resource) !== identityKey(owner);
}

/** The owner references of an object. */
export function ownerReferencesOf(object: JsonObject): readonly JsonValue[] {
  const references = memberAt(object, "metadata", "ownerReferences");
  return isJsonList(references) ? references : [];
}

/** Whether an object names the owner (RF-52). */
export function isOwnedBy(object: JsonObject, owner: Pick<Owner, "uid">): boolean {
  return ownerReferencesOf(object).some((entry) => member(entry, "uid") === owner.uid);
}

/** The references with the owner's appended; one with its uid is never added twice (RF-51). */
export function withOwner(references: readonly JsonValue[], owner: Owner): readonly JsonValue[] {
  if (references.some((entry) => member(entry, "uid") === owner.uid)) return references;
  const { apiVersion, kind, name, uid } = owner;
  const reference = { apiVersion, kind, blockOwnerDeletion: true, controller: false, name, uid };
  return [...references, reference];
}

/** The references of `kept`, then those of `added` whose uid is new. */
export function unitedReferences(
  kept: readonly JsonValue[],
  added: readonly JsonValue[],
): readonly JsonValue[] {
  const known = new Set(kept.map((entry) => member(entry, "uid")));
  return [...kept, ...added.filter((entry) => !known.has(member(entry, "uid")))];
}
