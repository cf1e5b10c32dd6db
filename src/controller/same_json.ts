// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from "../language/mod.ts";

/** Whether two values are equal; the order of keys does not matter, `undefined` is absence. */
export function isSameJson(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (one === other) return true;
  if (isJsonList(one)) return isJsonList(other) && isSameList(one, other);
  if (isJsonObject(one)) return isJsonObject(other) && isSameObject(one, other);
  return false;
}

function isSameList(one: readonly JsonValue[], other: readonly JsonValue[]): boolean {
  return one.length === other.length &&
    one.every((value, index) => isSameJson(value, other[index]));
}

function isSameObject(one: JsonObject, other: JsonObject): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSameJson(one[key], other[key]));
}
