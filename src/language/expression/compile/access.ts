// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, JsonValue } from "../../json.ts";
import { isFault } from "../fault.ts";
import { isList, isMap, itemsOf, lookupKey, valueAt } from "../values/containers.ts";
import { CelOptional, NONE, type Value } from "../values/value.ts";
import type { Result } from "./closure.ts";
import { type AccessSite, noIndex, noKey } from "./site.ts";

/** Reads an own property of a JSON object; `undefined` for everything else. */
export type ReadMember = (value: Result) => JsonValue | undefined;

/**
 * The quickest way to read `key`. A prototype has none but the names of `Object.prototype`, so
 * any other name can be read without asking whose it is.
 */
export function memberReader(key: string): ReadMember {
  if (key in Object.prototype) {
    return (value) => isPlainObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return (value) => isPlainObject(value) ? value[key] : undefined;
}

/** Whether `value` is a JSON object of the usual sort; others take the longer way. */
export function isPlainObject(value: Result): value is JsonObject {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

/** `container.key` and `container[key]` for values of every type. */
export function access(container: Value, key: Value, site: AccessSite): Result {
  if (container instanceof CelOptional) return accessOptional(container, key, site);
  const found = present(container, key);
  if (found !== undefined) return found;
  return isList(container) ? noIndex(container, key, site) : noKey(container, key, site);
}

/** An access to an optional value gives an optional value again. */
function accessOptional({ value }: CelOptional, key: Value, site: AccessSite): Result {
  if (value === undefined) return NONE;
  const found = present(value, key);
  if (found !== undefined) return new CelOptional(found);
  return isMap(value) || isList(value) ? NONE : access(value, key, site);
}

/** `container.?key` and `container[?key]`. */
export function accessOptionally(container: Value, key: Value, site: AccessSite): Result {
  if (container === null) return NONE;
  if (container instanceof CelOptional) {
    return container.value === undefined ? NONE : accessOptionally(container.value, key, site);
  }
  const found = present(container, key);
  if (found !== undefined) return new CelOptional(found);
  const fault = access(container, key, site);
  return isFault(fault) && fault.isMissing ? NONE : fault;
}

/** The member or element, or `undefined` when there is none. */
export function present(container: Value, key: Value): Value | undefined {
  if (isList(container)) {
    const index = lookupKey(key);
    return typeof index === "number" ? itemsOf(container)[index] : undefined;
  }
  if (container instanceof CelOptional) {
    return container.value === undefined ? undefined : present(container.value, key);
  }
  return isMap(container) ? valueAt(container, key) : undefined;
}
