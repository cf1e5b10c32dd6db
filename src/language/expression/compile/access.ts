// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, JsonValue } from "../../json.ts";
import { EvaluationFault, isFault } from "../fault.ts";
import { isList, isMap, itemsOf, lookupKey, valueAt } from "../values/containers.ts";
import { Boxed, CelOptional, NONE, type Value } from "../values/value.ts";
import type { Result } from "./closure.ts";
import { type AccessSite, noIndex, noKey } from "./site.ts";

/** Whether a key is none of the names that every object has from its prototype. */
export function isPlainKey(key: string): boolean {
  return !(key in Object.prototype);
}

/** Reads a plain key of a JSON object; `undefined` where there is none, and for all other values. */
export function readMember(value: Result | undefined, key: string): JsonValue | undefined {
  return isPlainObject(value) ? value[key] : undefined;
}

/**
 * Whether `value` is a JSON object. Asking what it is not is quicker than asking for its
 * prototype, and every access asks.
 */
export function isPlainObject(value: Result | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Boxed || value instanceof EvaluationFault || value instanceof Uint8Array);
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
