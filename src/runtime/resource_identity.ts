// SPDX-License-Identifier: Apache-2.0

import { type JsonObject, memberAt } from "../language/mod.ts";
import type { ObjectPath } from "./ports.ts";

/** What names an object of the cluster. */
export interface ResourceIdentity {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** The Kubernetes kind. */
  readonly kind: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  /** Name of the object. */
  readonly name: string;
}

/** `<res>` in texts: `Kind:namespace:name`, or `Kind:name` without a namespace (chapter 0). */
export function resourceText(resource: Omit<ResourceIdentity, "apiVersion">): string {
  const { kind, namespace, name } = resource;
  return namespace === undefined ? `${kind}:${name}` : `${kind}:${namespace}:${name}`;
}

/** The API group of an `apiVersion`; `""` for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** The version of an `apiVersion`. */
export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf("/") + 1);
}

/** Equal texts for one object, whatever the version it is read in (chapter 0, CL-6). */
export function identityKey(resource: ResourceIdentity): string {
  const { apiVersion, kind, namespace, name } = resource;
  return `${groupOf(apiVersion)}/${kind}/${namespace ?? ""}/${name}`;
}

/** The identity of an object; absent parts are empty texts. */
export function identityOfObject(object: JsonObject): ResourceIdentity {
  const namespace = memberAt(object, "metadata", "namespace");
  return {
    apiVersion: textOf(object.apiVersion),
    kind: textOf(object.kind),
    ...(typeof namespace === "string" && namespace !== "" ? { namespace } : {}),
    name: textOf(memberAt(object, "metadata", "name")),
  };
}

/** The path of an object for the Cluster port. */
export function objectPath(resource: ResourceIdentity & { readonly plural: string }): ObjectPath {
  const { apiVersion, kind, plural, namespace, name } = resource;
  return namespace === undefined
    ? { apiVersion, kind, plural, name }
    : { apiVersion, kind, plural, namespace, name };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
