// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, jsonObject, member } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";
import type { FieldType } from "./field_types.ts";
import { sameJson } from "./json_values.ts";
import { badRequest } from "./status_error.ts";

const ORDER = "$setElementOrder/";
const REMOVE = "$deleteFromPrimitiveList/";

/**
 * The target after a strategic merge patch: a merge patch that joins shared lists item by item.
 * The order of `$setElementOrder` is not followed; items that are new come last.
 */
export function applyStrategicPatch(
  target: JsonValue | undefined,
  patch: JsonObject,
  type: FieldType,
): JsonValue {
  const directive = member(patch, "$patch");
  const stated = jsonObject(Object.entries(patch).filter(([key]) => !key.startsWith("$")));
  if (directive === "replace") return stated;
  if (directive !== undefined && directive !== "merge" && directive !== "delete") {
    throw badRequest(`Unknown patch type "${String(directive)}" found`);
  }
  const before = isJsonObject(target) && directive !== "delete" ? target : {};
  const merged = new Map(Object.entries(before));
  for (const [key, change] of Object.entries(stated)) {
    const next = patchField(merged.get(key), change, type.field(key));
    if (next === undefined) merged.delete(key);
    else merged.set(key, next);
  }
  removePrimitives(merged, patch);
  retainKeys(merged, patch);
  return jsonObject(merged);
}

function patchField(
  before: JsonValue | undefined,
  change: JsonValue,
  type: FieldType,
): JsonValue | undefined {
  if (change === null) return undefined;
  if (isJsonObject(change)) {
    if (member(change, "$patch") === "delete") return undefined;
    return applyStrategicPatch(before, change, type);
  }
  if (!isJsonList(change)) return change;
  const held = isJsonList(before) ? before : [];
  switch (type.list.type) {
    case "atomic":
      return change;
    case "set":
      return [...held, ...change.filter((one) => !held.some((other) => sameJson(one, other)))];
    case "map":
      return patchItems(held, change, { key: type.list.keys[0] ?? "", type: type.item() });
  }
}

function patchItems(
  before: readonly JsonValue[],
  changes: readonly JsonValue[],
  { key, type }: { readonly key: string; readonly type: FieldType },
): readonly JsonValue[] {
  const isReplaced = changes.some((change) =>
    member(change, "$patch") === "replace" && member(change, key) === undefined
  );
  let items = isReplaced ? [] : before;
  for (const change of changes) {
    if (!isJsonObject(change)) throw badRequest("a list of objects was patched with a scalar");
    const id = change[key];
    if (id === undefined) {
      if (member(change, "$patch") === "replace") continue;
      throw badRequest(
        `map: ${JSON.stringify(change)} does not contain declared merge key: ${key}`,
      );
    }
    const index = items.findIndex((item) => sameJson(member(item, key), id));
    if (change.$patch === "delete") items = items.filter((_, place) => place !== index);
    else if (index < 0) items = [...items, applyStrategicPatch(undefined, change, type)];
    else items = items.with(index, applyStrategicPatch(items[index], change, type));
  }
  return items;
}

function removePrimitives(merged: Map<string, JsonValue>, patch: JsonObject): void {
  for (const [key, values] of Object.entries(patch)) {
    if (!key.startsWith(REMOVE) || !isJsonList(values)) continue;
    const field = key.slice(REMOVE.length);
    const list = merged.get(field);
    if (!isJsonList(list)) continue;
    merged.set(field, list.filter((one) => !values.some((other) => sameJson(one, other))));
  }
}

// Of a union only the keys that the patch names stay: what another choice had set goes.
function retainKeys(merged: Map<string, JsonValue>, patch: JsonObject): void {
  const kept = patch.$retainKeys;
  if (!isJsonList(kept)) return;
  for (const key of [...merged.keys()]) if (!kept.includes(key)) merged.delete(key);
}

/** Directives of a patch that are known; others are refused rather than passed over. */
export function checkDirectives(patch: JsonValue): void {
  if (isJsonList(patch)) return patch.forEach(checkDirectives);
  if (!isJsonObject(patch)) return;
  for (const [key, value] of Object.entries(patch)) {
    const isKnown = !key.startsWith("$") || key === "$patch" || key === "$retainKeys" ||
      key.startsWith(ORDER) || key.startsWith(REMOVE);
    if (!isKnown) throw badRequest(`Unknown directive "${key}" in a strategic merge patch`);
    checkDirectives(value);
  }
}
