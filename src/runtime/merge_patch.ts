// SPDX-License-Identifier: Apache-2.0

import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  setOwn,
} from "../language/mod.ts";

/** The object after a JSON merge patch (RFC 7386): maps merge, `null` deletes. */
export function applyMergePatch(before: JsonValue | undefined, patch: JsonObject): JsonObject {
  const after: Record<string, JsonValue> = {};
  const base = isJsonObject(before) ? before : {};
  for (const key of Object.keys(base)) {
    if (!Object.hasOwn(patch, key)) setOwn(after, key, base[key] ?? null);
    else if (patch[key] !== null) setOwn(after, key, patched(base[key], patch[key] ?? null));
  }
  for (const key of Object.keys(patch)) {
    const change = patch[key] ?? null;
    if (change !== null && !Object.hasOwn(base, key)) setOwn(after, key, patched(null, change));
  }
  return after;
}

function patched(before: JsonValue | undefined, change: JsonValue): JsonValue {
  return isJsonObject(change) ? applyMergePatch(before, change) : change;
}

/**
 * The merge patch that makes `after` of `before`, or `undefined` when they are equal.
 *
 * A `null` in a map counts as an absent key: a merge patch cannot set one.
 */
export function createMergePatch(before: JsonObject, after: JsonObject): JsonObject | undefined {
  const patch: Record<string, JsonValue> = {};
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) setOwn(patch, key, null);
  }
  for (const key of Object.keys(after)) {
    const change = changeOf(Object.hasOwn(before, key) ? before[key] : undefined, after[key]);
    if (change !== undefined) setOwn(patch, key, change);
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function changeOf(before: JsonValue | undefined, after: JsonValue = null): JsonValue | undefined {
  if (isJsonObject(before) && isJsonObject(after)) return createMergePatch(before, after);
  if (after === null && before === undefined) return undefined;
  return before !== undefined && jsonEqual(before, after) ? undefined : after;
}

/** Whether two JSON values are equal; numbers by value, maps without regard to order. */
export function jsonEqual(one: JsonValue, other: JsonValue): boolean {
  if (one === other) return true;
  if (isJsonList(one)) {
    return isJsonList(other) && one.length === other.length &&
      one.every((item, index) => jsonEqual(item, other[index] ?? null));
  }
  if (isJsonObject(one)) {
    const keys = Object.keys(one);
    return isJsonObject(other) && keys.length === Object.keys(other).length &&
      keys.every((key) =>
        Object.hasOwn(other, key) && jsonEqual(one[key] ?? null, other[key] ?? null)
      );
  }
  const isMixedNumber = typeof one === "bigint" && typeof other === "number" ||
    typeof one === "number" && typeof other === "bigint";
  // deno-lint-ignore eqeqeq
  return isMixedNumber && one == other;
}
