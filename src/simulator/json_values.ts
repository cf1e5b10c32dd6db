// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, jsonObject } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";

/**
 * A deep, frozen copy of a value from outside: the store shares what it holds with every reader.
 * Keys whose value is `undefined` are left out, as JSON would.
 */
export function admit(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null) return admitScalar(value);
  if (isJsonList(value)) return Object.freeze(value.map(admit));
  return admitObject(value as JsonObject);
}

/** {@linkcode admit} for an object. */
export function admitObject<T extends JsonObject>(value: T): T {
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.freeze(jsonObject(entries.map(([key, entry]) => [key, admit(entry)]))) as T;
}

function admitScalar(value: JsonValue): JsonValue {
  if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) return Number(value);
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`Cannot store ${value}: JSON has no such number`);
  }
  return value;
}

/** Freezes what has been built from frozen parts. Stops at parts that are frozen already. */
export function seal<T extends JsonValue>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) seal(part);
  return Object.freeze(value);
}

/** Whether two values are the same JSON; the order of keys does not matter. */
export function sameJson(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (one === other) return true;
  if (isJsonList(one)) return isJsonList(other) && sameLists(one, other);
  return isJsonObject(one) && isJsonObject(other) && sameObjects(one, other);
}

function sameLists(one: readonly JsonValue[], other: readonly JsonValue[]): boolean {
  return one.length === other.length && one.every((item, index) => sameJson(item, other[index]));
}

function sameObjects(one: JsonObject, other: JsonObject): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]));
}

/** The object with some keys set anew; `undefined` removes a key. */
export function withKeys<T extends JsonObject>(
  object: T,
  changes: Readonly<Record<string, JsonValue | undefined>>,
): T {
  const kept = Object.entries(object).filter(([key]) => !Object.hasOwn(changes, key));
  const changed = Object.entries(changes).filter((entry): entry is [string, JsonValue] =>
    entry[1] !== undefined
  );
  const order = Object.keys(object);
  const byKey = new Map([...kept, ...changed]);
  const known = order.filter((key) => byKey.has(key));
  const added = changed.map(([key]) => key).filter((key) => !Object.hasOwn(object, key));
  return jsonObject([...known, ...added].map((key) => [key, byKey.get(key) ?? null])) as T;
}
