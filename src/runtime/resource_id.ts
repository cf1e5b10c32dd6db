// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, ResourceFunction } from "../language/mod.ts";
import type { ResourceIdentity } from "./resource_identity.ts";

/** What a run reports of a managed object, in this order of keys (RF-80). */
export interface ResourceId extends JsonObject {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** The Kubernetes kind. */
  readonly kind: string;
  /** Name in the API path. */
  readonly plural: string;
  /** Name of the object. */
  readonly name: string;
  /** Whether it is only read. */
  readonly readonly: boolean;
}

/** Everything that is in a resource id. */
export interface ResourceIdFacts {
  readonly resource: ResourceIdentity & { readonly plural: string };
  readonly isOwnerReferenceDue: boolean;
  /** Of the live object, once it is known. */
  readonly uid?: string | undefined;
}

/** The resource id of a call (RF-80). */
export function resourceIdOf(fn: ResourceFunction, facts: ResourceIdFacts): ResourceId {
  const { apiVersion, kind, plural, name, namespace } = facts.resource;
  const { mode } = fn.apiConfig;
  const id: Record<string, string | boolean> & ResourceId = {
    apiVersion,
    kind,
    plural,
    name,
    readonly: mode === "readonly",
  };
  if (namespace !== undefined) id.namespace = namespace;
  id.resourceFunction = fn.id.name;
  if (fn.deletePolicy !== undefined && mode === "manage") {
    id.delete = fn.deletePolicy;
    id.owned = facts.isOwnerReferenceDue;
    if (facts.uid !== undefined) id.uid = facts.uid;
  }
  return id;
}
