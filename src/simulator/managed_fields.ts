// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, member } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import { decodeFields, encodeFields, type FieldSet, firstElement } from "./field_set.ts";
import { objectType } from "./field_types.ts";
import { compareFields } from "./field_values.ts";
import { sameJson, seal, withKeys } from "./json_values.ts";
import type { ServedResource } from "./served_resource.ts";
import type { ServerState, WriteOptions } from "./server_state.ts";
import { formatTimestamp } from "./timestamp.ts";

/** One writer and the fields it owns. */
export interface FieldOwner {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly fields: FieldSet;
}

/** A write whose writer is to be noted. */
export interface TrackedChange extends WriteOptions {
  /** Absent when the object is new. */
  readonly live: KubernetesObject | undefined;
  readonly next: KubernetesObject;
}

/** The object with the writer noted as owner of what it changed. */
export function trackUpdate(
  state: ServerState,
  resource: ServedResource,
  change: TrackedChange,
): KubernetesObject {
  const { live, next, subresource = "" } = change;
  // As the server does: where nothing was noted so far, noting begins with the first apply.
  if (live !== undefined && live.metadata.managedFields === undefined) return next;
  const owners = presentOwners(live, next);
  const before = live ?? { apiVersion: next.apiVersion, kind: next.kind, metadata: {} };
  const { added, modified, removed } = compareFields(before, next, objectType(resource));
  const writer = {
    manager: change.fieldManager,
    operation: "Update",
    apiVersion: resource.apiVersion,
    subresource,
  } as const;
  const own = owners.find((owner) => isSameOwner(owner, writer))?.fields ?? new Set<string>();
  const taken = withoutServerFields(added.union(modified));
  const others = owners.filter((owner) => !isSameOwner(owner, writer))
    .map((owner) => withFields(owner, owner.fields.difference(taken).difference(removed)));
  const fields = own.union(taken).difference(removed);
  const time = formatTimestamp(state.clock.now());
  const noted = { ...writer, time, fields };
  return withOwners(next, live, limitOwners([...others, keepTime(owners, noted)]));
}

/** The owner of all that was there before noting began. */
export function ownerBeforeFirstApply(
  resource: ServedResource,
  live: KubernetesObject,
): FieldOwner {
  const bare = { apiVersion: live.apiVersion, kind: live.kind, metadata: {} };
  return {
    manager: "before-first-apply",
    operation: "Update",
    apiVersion: resource.apiVersion,
    subresource: "",
    time: String(live.metadata.creationTimestamp),
    fields: withoutServerFields(compareFields(bare, live, objectType(resource)).added),
  };
}

/** An owner with other fields. */
export function withFields(owner: FieldOwner, fields: FieldSet): FieldOwner {
  return fields.size === owner.fields.size ? owner : { ...owner, fields };
}

/** The owner as it was, when it owns the same as before: only a change moves the time. */
export function keepTime(before: readonly FieldOwner[], now: FieldOwner): FieldOwner {
  const same = before.find((owner) => isSameOwner(owner, now));
  const isUnchanged = same !== undefined && same.apiVersion === now.apiVersion &&
    same.fields.size === now.fields.size && same.fields.isSubsetOf(now.fields);
  return isUnchanged ? same : now;
}

/** Whether two entries are of the same writer. */
export function isSameOwner(
  one: Omit<FieldOwner, "time" | "fields">,
  other: Omit<FieldOwner, "time" | "fields">,
): boolean {
  return one.manager === other.manager && one.operation === other.operation &&
    one.subresource === other.subresource &&
    (one.operation === "Apply" || one.apiVersion === other.apiVersion);
}

/** The owners that the object names, or that the live object names when it leaves them out. */
export function presentOwners(
  live: KubernetesObject | undefined,
  next: KubernetesObject,
): readonly FieldOwner[] {
  if (live === undefined) return [];
  const entries = next.metadata.managedFields ?? live.metadata.managedFields;
  return isJsonList(entries) ? entries.map(readOwner).filter((one) => one !== undefined) : [];
}

function readOwner(entry: JsonValue): FieldOwner | undefined {
  const fields = member(entry, "fieldsV1");
  const operation = member(entry, "operation");
  if (!isJsonObject(fields) || (operation !== "Apply" && operation !== "Update")) return undefined;
  const text = (key: string) => String(member(entry, key) ?? "");
  return {
    manager: text("manager"),
    operation,
    apiVersion: text("apiVersion"),
    subresource: text("subresource"),
    time: text("time"),
    fields: decodeFields(fields),
  };
}

/** The object with these owners; those that own nothing are left out. */
export function withOwners(
  next: KubernetesObject,
  live: KubernetesObject | undefined,
  owners: readonly FieldOwner[],
): KubernetesObject {
  const entries = owners.filter((owner) => owner.fields.size > 0).toSorted(byAge).map(writeOwner);
  const before = live?.metadata.managedFields;
  const managedFields = entries.length === 0
    ? undefined
    : before !== undefined && sameJson(before, entries)
    ? before
    : entries;
  if (next.metadata.managedFields === managedFields) return next;
  return { ...next, metadata: withKeys(next.metadata, { managedFields }) };
}

function byAge(one: FieldOwner, other: FieldOwner): number {
  const rank = ({ operation, time, manager, subresource }: FieldOwner) =>
    [operation, time, manager, subresource].join("\u0000");
  return rank(one) < rank(other) ? -1 : 1;
}

function writeOwner(owner: FieldOwner): JsonObject {
  const { manager, operation, apiVersion, time, subresource, fields } = owner;
  return seal({
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: "FieldsV1",
    fieldsV1: encodeFields(fields),
    ...(subresource === "" ? {} : { subresource }),
  });
}

const MAX_UPDATERS = 10;

// As the server does: the oldest updaters are made one, so that the list stays short.
function limitOwners(owners: readonly FieldOwner[]): readonly FieldOwner[] {
  const updaters = owners.filter((owner) => owner.operation === "Update").toSorted(byAge);
  const spare = updaters.length - MAX_UPDATERS;
  if (spare <= 0) return owners;
  const [first, ...rest] = updaters.slice(0, spare + 1);
  if (first === undefined) return owners;
  const fields = rest.reduce<FieldSet>((all, one) => all.union(one.fields), first.fields);
  const ancient = { ...first, manager: "ancient-changes", subresource: "", fields };
  return [...owners.filter((one) => one !== first && !rest.includes(one)), ancient];
}

const SERVER_FIELDS = new Set([
  ...["f:apiVersion", "f:kind", "f:metadata"],
  ...[
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "generation",
    "managedFields",
    "resourceVersion",
  ].map((key) => `f:metadata\u0000f:${key}`),
]);

/** The fields that a writer can own. */
export function withoutServerFields(fields: FieldSet): FieldSet {
  const own = new Set<string>();
  for (const path of fields) {
    const isServers = SERVER_FIELDS.has(path) ||
      (firstElement(path) === "f:metadata" && path.startsWith("f:metadata\u0000f:managedFields"));
    if (!isServers) own.add(path);
  }
  return own;
}

/** Whether two objects are the same but for the times of their owners. */
export function sameButTimes(one: KubernetesObject, other: KubernetesObject): boolean {
  if (one === other) return true;
  const timeless = (object: KubernetesObject) => {
    const entries = object.metadata.managedFields;
    if (!isJsonList(entries)) return object;
    const managedFields = entries.map((entry) =>
      isJsonObject(entry) ? withKeys(entry, { time: undefined }) : entry
    );
    return { ...object, metadata: withKeys(object.metadata, { managedFields }) };
  };
  return sameJson(timeless(one), timeless(other));
}
