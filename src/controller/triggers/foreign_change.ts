// SPDX-License-Identifier: Apache-2.0

import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  member,
} from "../../language/mod.ts";
import { jsonEqual } from "../../runtime/mod.ts";
import type { ForeignChange } from "../events/controller_event.ts";
import type { ObjectChange } from "../watch/object_store.ts";

/**
 * What someone else did to an object, as far as a definition could mind: `undefined` when only its
 * status or the server's bookkeeping changed.
 */
export function foreignChange(change: ObjectChange): ForeignChange | undefined {
  if (change.type === "deleted") return { type: "deleted" };
  const { object, previous, managedFields } = change;
  if (previous === undefined) return { type: "changed", ...managerOf(managedFields, []) };
  const path = firstDifference(contentOf(previous), contentOf(object));
  if (path.length === 0) return undefined;
  return { type: "changed", field: path.join("."), ...managerOf(managedFields, path) };
}

const NOT_CONTENT = new Set(["apiVersion", "kind", "metadata", "status"]);

/** What Koreo writes: everything but the status; of the metadata labels, annotations and owners. */
function contentOf(object: JsonObject): JsonObject {
  const content = Object.fromEntries(
    Object.entries(object).filter(([key]) => !NOT_CONTENT.has(key)),
  );
  const metadata = isJsonObject(object.metadata) ? object.metadata : {};
  const { labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  return { ...content, metadata: { labels, annotations, ownerReferences } };
}

/** Keys down to the first map entry that differs; lists are told as a whole. */
function firstDifference(before: JsonObject, after: JsonObject): readonly string[] {
  for (const key of new Set([...Object.keys(after), ...Object.keys(before)])) {
    const [old, now] = [before[key] ?? null, after[key] ?? null];
    if (jsonEqual(old, now)) continue;
    const deeper = isJsonObject(old) && isJsonObject(now) ? firstDifference(old, now) : [];
    return [key, ...deeper];
  }
  return [];
}

/** Who owns the field, of several the one who wrote last (`metadata.managedFields`). */
function managerOf(
  managedFields: JsonValue | undefined,
  path: readonly string[],
): Pick<ForeignChange, "manager"> {
  if (!isJsonList(managedFields)) return {};
  const owners = managedFields
    .filter((entry) => ownsPath(member(entry, "fieldsV1"), path))
    .sort((one, other) => timeOf(other).localeCompare(timeOf(one)));
  const manager = member(owners[0], "manager");
  return typeof manager === "string" ? { manager } : {};
}

function ownsPath(fields: JsonValue | undefined, path: readonly string[]): boolean {
  const [key, ...deeper] = path;
  if (key === undefined) return true;
  const below = member(fields, `f:${key}`);
  return below !== undefined && ownsPath(below, deeper);
}

function timeOf(entry: JsonValue): string {
  const time = member(entry, "time");
  return typeof time === "string" ? time : "";
}
