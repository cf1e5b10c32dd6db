// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, member, memberAt } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import { sameJson } from "./json_values.ts";
import type { PrinterColumn, ServedResource } from "./served_resource.ts";

/** Where CustomResourceDefinitions lie in the store. */
export const DEFINITIONS = "apiextensions.k8s.io/customresourcedefinitions";

/** Finalizer that keeps a CustomResourceDefinition until its objects are gone. */
export const CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

/** The kinds that a CustomResourceDefinition serves: one for each served version. */
export function servedVersions(definition: KubernetesObject): readonly ServedResource[] {
  const versions = listAt(definition, "spec", "versions");
  const served = versions.filter((version) => member(version, "served") === true);
  return served.map((version) => readVersion(definition, version)).sort(byPriority);
}

function readVersion(definition: KubernetesObject, version: JsonValue): ServedResource {
  const group = textAt(definition, "spec", "group");
  const name = textAt(version, "name");
  const names = member(definition.spec, "names");
  const kind = textAt(names, "kind");
  const plural = textAt(names, "plural");
  const schema = memberAt(version, "schema", "openAPIV3Schema");
  return {
    apiVersion: `${group}/${name}`,
    group,
    version: name,
    kind,
    listKind: textAt(names, "listKind") || `${kind}List`,
    plural,
    singular: textAt(names, "singular") || kind.toLowerCase(),
    shortNames: textsAt(names, "shortNames"),
    categories: textsAt(names, "categories"),
    namespaced: textAt(definition, "spec", "scope") === "Namespaced",
    hasStatus: memberAt(version, "subresources", "status") !== undefined,
    countsGenerations: true,
    collectionDeletable: true,
    storage: `${group}/${plural}`,
    custom: {
      definition: textAt(definition, "metadata", "name"),
      schema: isJsonObject(schema) ? schema : {},
      storageVersion: `${group}/${storageVersion(definition)}`,
      columns: listAt(version, "additionalPrinterColumns").map(readColumn),
      selectableFields: listAt(version, "selectableFields")
        .map((field) => textAt(field, "jsonPath").replace(/^\./, "")),
    },
  };
}

function readColumn(column: JsonValue): PrinterColumn {
  const priority = member(column, "priority");
  return {
    name: textAt(column, "name"),
    type: textAt(column, "type"),
    jsonPath: textAt(column, "jsonPath"),
    description: textAt(column, "description"),
    priority: typeof priority === "number" ? priority : 0,
  };
}

/** Name of the version that objects are stored in. */
export function storageVersion(definition: KubernetesObject): string {
  const stored = listAt(definition, "spec", "versions")
    .find((version) => member(version, "storage") === true);
  return textAt(stored, "name");
}

const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;

// "v2" before "v1" before "v1beta2" before "v1alpha1" before names of no such form.
function byPriority(one: ServedResource, other: ServedResource): number {
  const [left, right] = [rank(one.version), rank(other.version)];
  const differing = left.findIndex((part, index) => part !== right[index]);
  if (differing >= 0) return (right[differing] ?? 0) - (left[differing] ?? 0);
  return one.version < other.version ? -1 : 1;
}

function rank(version: string): readonly number[] {
  const match = VERSION.exec(version);
  if (match === null) return [0, 0, 0];
  const stability = match[2] === undefined ? 3 : match[2] === "beta" ? 2 : 1;
  return [stability, Number(match[1]), Number(match[3] ?? 0)];
}

/** The names of a definition with those that follow from its kind. */
export function acceptedNames(names: JsonValue | undefined): JsonObject {
  return {
    ...(isJsonObject(names) ? names : {}),
    singular: textAt(names, "singular") || textAt(names, "kind").toLowerCase(),
    listKind: textAt(names, "listKind") || `${textAt(names, "kind")}List`,
  };
}

/** The status of a CustomResourceDefinition that is served. */
export function establishedStatus(definition: KubernetesObject, now: string): JsonObject {
  const names = member(definition.spec, "names");
  const stored = textsAt(definition, "status", "storedVersions");
  const current = storageVersion(definition);
  const status: JsonObject = {
    conditions: [
      condition("NamesAccepted", "NoConflicts", { message: "no conflicts found", now }),
      condition("Established", "InitialNamesAccepted", {
        message: "the initial names have been accepted",
        now,
      }),
    ],
    acceptedNames: acceptedNames(names),
    storedVersions: stored.includes(current) ? stored : [...stored, current],
  };
  const before = definition.status;
  if (!isJsonObject(before) || !isEstablished(before)) return status;
  const kept = { ...status, conditions: before.conditions ?? [] };
  return sameJson(kept, before) ? before : kept;
}

/** The status of a CustomResourceDefinition whose objects are being deleted. */
export function definitionTerminating(definition: KubernetesObject, now: string): JsonObject {
  const terminating = condition("Terminating", "InstanceDeletionInProgress", {
    message: "CustomResource deletion is in progress",
    now,
  });
  const status = isJsonObject(definition.status) ? definition.status : {};
  return { ...status, conditions: [...listAt(status, "conditions"), terminating] };
}

function isEstablished(status: JsonObject): boolean {
  return listAt(status, "conditions").some((one) =>
    member(one, "type") === "Established" && member(one, "status") === "True"
  );
}

function condition(
  type: string,
  reason: string,
  { message, now }: { readonly message: string; readonly now: string },
): JsonObject {
  return { type, status: "True", lastTransitionTime: now, reason, message };
}

function listAt(value: JsonValue | undefined, ...path: readonly string[]): readonly JsonValue[] {
  const found = memberAt(value, ...path);
  return isJsonList(found) ? found : [];
}

function textAt(value: JsonValue | undefined, ...path: readonly string[]): string {
  const found = memberAt(value, ...path);
  return typeof found === "string" ? found : "";
}

function textsAt(value: JsonValue | undefined, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path).filter((one) => typeof one === "string");
}
