// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, jsonObject, member } from "../language/mod.ts";
import type { JsonValue } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import { contentFaults } from "./built_in_rules.ts";
import { checkNamespace, fillMetadata, prepareCreated, storeCreated } from "./create_object.ts";
import { schemaFaults } from "./custom_schema.ts";
import { type FieldSet, firstElement, parentPaths, printPath } from "./field_set.ts";
import { type FieldType, objectType } from "./field_types.ts";
import { compareFields, mergeApplied, pruneFields, statedFields } from "./field_values.ts";
import { seal, withKeys } from "./json_values.ts";
import {
  type FieldOwner,
  isSameOwner,
  keepTime,
  ownerBeforeFirstApply,
  presentOwners,
  withFields,
  withoutServerFields,
  withOwners,
} from "./managed_fields.ts";
import { createFaults } from "./metadata_rules.ts";
import type { ServedResource } from "./served_resource.ts";
import {
  inVersion,
  keyOf,
  type ObjectTarget,
  type ServerState,
  type WriteOptions,
} from "./server_state.ts";
import { badRequest, conflict, invalid, MODIFIED, StatusError } from "./status_error.ts";
import { formatTimestamp } from "./timestamp.ts";
import { checkUpdate, prepareUpdated, storeUpdated } from "./update_object.ts";

/** An applied object, and whether it takes fields from other writers. */
export interface Applied {
  readonly body: JsonValue;
  readonly force: boolean;
}

/** Server-side apply: what the body states becomes so and is owned by its writer. */
export function applyObject(
  state: ServerState,
  target: ObjectTarget,
  { body, force }: Applied,
  options: WriteOptions,
): KubernetesObject {
  const applied = checkApplied(target, body);
  const found = state.store.read(keyOf(target));
  if (found === undefined) return createApplied(state, target, { applied, ...options });
  const live = inVersion(target.resource, found);
  const { uid } = applied.metadata;
  if (uid !== undefined && uid !== live.metadata.uid) {
    throw conflict(
      target.resource,
      target.name,
      `uid mismatch: the provided object specified uid ${String(uid)}, and the existing object ` +
        `has uid ${String(live.metadata.uid)}`,
    );
  }
  const type = objectType(target.resource);
  const merged = mergeOwned(state, { live, applied, type, target, force, ...options });
  checkUpdate(target, live, merged.object);
  const next = prepareUpdated(target.resource, { live, proposed: merged.object, ...options });
  const owned = withOwners(next, live, merged.owners);
  return storeUpdated(state, target, { live, next: seal(owned), dryRun: options.dryRun });
}

function checkApplied({ resource, namespace, name }: ObjectTarget, body: JsonValue) {
  if (!isJsonObject(body)) throw badRequest("error decoding YAML: no object");
  const { apiVersion = "", kind = "" } = body;
  if (apiVersion !== resource.apiVersion || kind !== resource.kind) {
    const [group, version] = splitVersion(String(apiVersion));
    throw badRequest(`invalid object type: ${group}/${version}, Kind=${String(kind)}`);
  }
  const metadata = isJsonObject(body.metadata) ? body.metadata : jsonObject([]);
  if (metadata.managedFields !== undefined && !isEmptyList(metadata.managedFields)) {
    throw badRequest("metadata.managedFields must be nil");
  }
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${String(metadata.name)}) does not match the name on the URL ` +
        `(${name})`,
    );
  }
  const placed = namespace === "" ? { name } : { name, namespace: metadata.namespace ?? namespace };
  return withoutNulls({ ...body, metadata: { ...metadata, ...placed } }) as KubernetesObject;
}

function splitVersion(apiVersion: string): readonly [string, string] {
  const slash = apiVersion.indexOf("/");
  return [apiVersion.slice(0, Math.max(0, slash)), apiVersion.slice(slash + 1)];
}

function isEmptyList(value: JsonValue): boolean {
  return value === null || (isJsonList(value) && value.length === 0);
}

function withoutNulls(value: JsonValue): JsonValue {
  if (isJsonList(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  return jsonObject(
    Object.entries(value).filter(([, entry]) => entry !== null)
      .map(([key, entry]) => [key, withoutNulls(entry)]),
  );
}

function createApplied(
  state: ServerState,
  target: ObjectTarget,
  { applied, fieldManager, subresource, dryRun }:
    & WriteOptions
    & { readonly applied: KubernetesObject },
): KubernetesObject {
  const { resource, name } = target;
  if (subresource !== undefined) throw conflictOfMissing(target);
  const { uid, resourceVersion } = applied.metadata;
  if (uid) {
    throw conflict(
      resource,
      name,
      `uid mismatch: the provided object specified uid ${String(uid)}, and no existing object ` +
        "was found",
    );
  }
  if (resourceVersion) throw conflict(resource, name, MODIFIED);
  checkNamespace(state, target);
  const filled = prepareCreated(state, resource, fillMetadata(state, target, applied));
  const faults = [
    ...createFaults(resource.storage, filled.metadata),
    ...contentFaults(resource.storage, filled),
    ...schemaFaults(resource, filled),
  ];
  if (faults.length > 0) throw invalid(resource, name, faults);
  const owner = ownerOf(state, resource, { applied, fieldManager });
  const object = withOwners(filled, undefined, [owner]);
  return storeCreated(state, target, { object: seal(object), dryRun });
}

function conflictOfMissing({ resource, name }: ObjectTarget): StatusError {
  return new StatusError(
    404,
    "NotFound",
    `${resource.plural}${resource.group === "" ? "" : `.${resource.group}`} "${name}" not found`,
    { name, group: resource.group, kind: resource.plural },
  );
}

function ownerOf(
  state: ServerState,
  resource: ServedResource,
  { applied, fieldManager, subresource: given }:
    & WriteOptions
    & { readonly applied: KubernetesObject },
): FieldOwner {
  const subresource = given ?? "";
  const stated = withoutServerFields(statedFields(applied, objectType(resource)));
  const fields = new Set([...stated].filter((path) => isSettable(resource, subresource, path)));
  return {
    manager: fieldManager,
    operation: "Apply",
    apiVersion: resource.apiVersion,
    subresource,
    time: formatTimestamp(state.clock.now()),
    fields,
  };
}

// Through the main resource the status cannot be set, through the status nothing else.
function isSettable(resource: ServedResource, subresource: string, path: string): boolean {
  const isStatus = firstElement(path) === "f:status";
  return subresource === "status" ? isStatus : !(isStatus && resource.hasStatus);
}

interface Merge extends WriteOptions {
  readonly live: KubernetesObject;
  readonly applied: KubernetesObject;
  readonly type: FieldType;
  readonly target: ObjectTarget;
  readonly force: boolean;
}

function mergeOwned(
  state: ServerState,
  merge: Merge,
): { readonly object: KubernetesObject; readonly owners: readonly FieldOwner[] } {
  const { live, applied, type, target } = merge;
  const owners = live.metadata.managedFields === undefined
    ? [ownerBeforeFirstApply(target.resource, live)]
    : presentOwners(live, live);
  const own = ownerOf(state, target.resource, merge);
  const before = owners.find((owner) => isSameOwner(owner, own))?.fields ?? new Set<string>();
  const others = owners.filter((owner) => !isSameOwner(owner, own));
  const laid = settable(merge, mergeApplied(live, applied, type));
  const kept = withParents([own, ...others]);
  const object = pruneFields(laid, type, { removed: before, kept }) as KubernetesObject;
  const { added, modified, removed } = compareFields(live, object, type);
  const changed = withoutServerFields(added.union(modified));
  const conflicts = others.map((owner) => ({ owner, fields: owner.fields.intersection(changed) }))
    .filter(({ fields }) => fields.size > 0);
  if (conflicts.length > 0 && !merge.force) throw applyConflict(conflicts);
  const left = others.map((owner) =>
    withFields(owner, owner.fields.difference(changed).difference(removed))
  );
  return { object, owners: [...left, keepTime(owners, own)] };
}

// What the (sub)resource does not let be set counts neither as a change nor as a conflict.
function settable({ live, target, subresource }: Merge, laid: JsonValue): KubernetesObject {
  const status = member(laid, "status");
  if (subresource === "status") return withKeys(live, { status });
  const merged = laid as KubernetesObject;
  return target.resource.hasStatus ? withKeys(merged, { status: live.status }) : merged;
}

function withParents(owners: readonly FieldOwner[]): FieldSet {
  const paths = new Set<string>();
  for (const { fields } of owners) {
    for (const path of fields) {
      paths.add(path);
      for (const parent of parentPaths(path)) paths.add(parent);
    }
  }
  return paths;
}

interface OwnerConflict {
  readonly owner: FieldOwner;
  readonly fields: FieldSet;
}

function applyConflict(conflicts: readonly OwnerConflict[]): StatusError {
  const causes = conflicts.flatMap(({ owner, fields }) =>
    [...fields].toSorted().map((path) => ({
      reason: "FieldManagerConflict",
      message: `conflict with ${printOwner(owner)}`,
      field: printPath(path),
    }))
  );
  const [only] = causes;
  const text = causes.length === 1 && only !== undefined
    ? `1 conflict: ${only.message}: ${only.field}`
    : `${causes.length} conflicts: ${conflicts.map(printConflicts).join("\n")}`;
  return new StatusError(409, "Conflict", `Apply failed with ${text}`, { causes });
}

function printConflicts({ owner, fields }: OwnerConflict): string {
  const paths = [...fields].toSorted().map((path) => `- ${printPath(path)}`);
  return [`conflicts with ${printOwner(owner)}:`, ...paths].join("\n");
}

function printOwner({ manager, operation, apiVersion, subresource }: FieldOwner): string {
  const through = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  const using = operation === "Update" ? ` using ${apiVersion}` : "";
  return `${JSON.stringify(manager)}${through}${using}`;
}
