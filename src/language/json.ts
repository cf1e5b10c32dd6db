// SPDX-License-Identifier: Apache-2.0

/**
 * A JSON value as the language sees it: whole numbers beyond the safe range are `bigint`.
 *
 * A `number` without a fractional part and within the safe range is an `int`, a `bigint` is an
 * `int` within 64 bits, every other `number` is a `double` (LANGUAGE.md EX-20).
 */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | JsonObject;

/** A JSON object. Keys are own properties, in document order. */
export interface JsonObject {
  /** A value by its key. */
  readonly [key: string]: JsonValue;
}

/** Whether `value` is a JSON object: neither `null`, nor a list, nor a scalar. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether `value` is a JSON list. */
export function isJsonList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The own property `key` of `value`, or `undefined` when `value` is no object or lacks the key. */
export function member(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The value at the end of a chain of own properties, or `undefined` when one is missing. */
export function memberAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): JsonValue | undefined {
  return path.reduce(member, value);
}

/**
 * An object with the given entries as own properties, whatever their names.
 *
 * The only way to build an object from names that come from outside: `__proto__` is a key here.
 */
export function jsonObject(entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  const made: Record<string, JsonValue> = {};
  for (const [key, value] of entries) setOwn(made, key, value);
  return made;
}

/** A copy of an object, which may be changed while it is being built. */
export function copyObject(object: JsonObject): Record<string, JsonValue> {
  return copierFor(object)(object);
}

/**
 * What copies objects with the keys of this one, for those that are copied again and again.
 *
 * `Object.assign` copies objects of any shape at the speed at which spread copies those of a few
 * shapes; but it would take the key `__proto__` for the prototype.
 */
export function copierFor(object: JsonObject): (object: JsonObject) => Record<string, JsonValue> {
  return Object.hasOwn(object, "__proto__") ? spread : assign;
}

function spread(object: JsonObject): Record<string, JsonValue> {
  return { ...object };
}

function assign(object: JsonObject): Record<string, JsonValue> {
  return Object.assign({}, object);
}

/** Sets an own property of an object that is still being built, also when it is `__proto__`. */
export function setOwn(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[key] = value;
  }
}
