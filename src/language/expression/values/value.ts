// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, JsonValue } from "../../json.ts";

/**
 * A value of the expression language.
 *
 * JSON is used as it is, without copying: `null`, booleans and strings; an `int` is a safe whole
 * number or a `bigint`; a number with a fraction, and one outside 64 bits, is a `double`; raw
 * arrays and objects hold JSON at every depth. All else is boxed: a whole `double`, `uint`,
 * `bytes`, `timestamp`, `duration`, `type`, `optional`, and lists and maps that hold such values
 * or have keys that are no strings.
 */
export type Value =
  | JsonValue
  | CelDouble
  | CelUint
  | Uint8Array
  | CelTimestamp
  | CelDuration
  | CelType
  | CelOptional
  | CelList
  | CelMap;

/** What all boxed values but bytes have in common: one test tells them from JSON objects. */
export abstract class Boxed {
  /** The name of the type in messages. */
  abstract readonly typeName: string;
}

/** A `double` without a fractional part, within 64 bits. */
export class CelDouble extends Boxed {
  /** Always `double`. */
  get typeName(): "double" {
    return "double";
  }
  /**
   * Boxes it.
   *
   * @param value The number
   */
  constructor(readonly value: number) {
    super();
  }
}

/** An unsigned whole number of 64 bits. */
export class CelUint extends Boxed {
  /** Always `uint`. */
  get typeName(): "uint" {
    return "uint";
  }
  /**
   * Boxes it.
   *
   * @param value From 0 to 2^64 - 1
   */
  constructor(readonly value: bigint) {
    super();
  }
}

/** A point in time: seconds since 1970-01-01T00:00:00Z and 0 to 999,999,999 nanoseconds. */
export class CelTimestamp extends Boxed {
  /** Always `timestamp`. */
  get typeName(): "timestamp" {
    return "timestamp";
  }
  /**
   * Boxes it.
   *
   * @param seconds Since 1970
   * @param nanos From 0 to 999,999,999
   */
  constructor(readonly seconds: number, readonly nanos: number) {
    super();
  }
}

/** A length of time; both parts have the same sign. */
export class CelDuration extends Boxed {
  /** Always `duration`. */
  get typeName(): "duration" {
    return "duration";
  }
  /**
   * Boxes it.
   *
   * @param seconds Whole seconds
   * @param nanos The rest, with the same sign
   */
  constructor(readonly seconds: number, readonly nanos: number) {
    super();
  }
}

/** The value of `type(x)`. */
export class CelType extends Boxed {
  /** Always `type`. */
  get typeName(): "type" {
    return "type";
  }
  /**
   * Boxes it.
   *
   * @param name Name of the type
   */
  constructor(readonly name: string) {
    super();
  }
}

/** An optional value (EX-36); without a value `value` is `undefined`. */
export class CelOptional extends Boxed {
  /** Always `optional`. */
  get typeName(): "optional" {
    return "optional";
  }
  /**
   * Boxes it.
   *
   * @param value The value; `undefined`: none
   */
  constructor(readonly value: Value | undefined) {
    super();
  }
}

/** The optional without a value. */
export const NONE: CelOptional = new CelOptional(undefined);

/** A list that holds a value which is not JSON. */
export class CelList extends Boxed {
  /** Always `list`. */
  get typeName(): "list" {
    return "list";
  }
  /**
   * Boxes it.
   *
   * @param items The elements
   */
  constructor(readonly items: readonly Value[]) {
    super();
  }
}

/** How a key is looked up: whole numbers are one key whatever their type. */
export type LookupKey = string | boolean | number | bigint;

/** One entry of a {@link CelMap}. */
export interface CelMapEntry {
  /** The key as it was given. */
  readonly key: Value;
  /** What it leads to. */
  readonly value: Value;
}

/** A map that holds a value which is not JSON, or has keys that are no strings. */
export class CelMap extends Boxed {
  /** Always `map`. */
  get typeName(): "map" {
    return "map";
  }
  /**
   * Boxes it.
   *
   * @param entries The entries by lookup key
   */
  constructor(readonly entries: ReadonlyMap<LookupKey, CelMapEntry>) {
    super();
  }
}

/** The variables of an evaluation; `undefined` counts as not declared. */
export type Variables = Readonly<Record<string, Value | undefined>>;

/** The names of types in messages (LANGUAGE.md chapter 0). */
export type TypeName =
  | "null"
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bytes"
  | "list"
  | "map"
  | "timestamp"
  | "duration"
  | "type"
  | "optional";

const TWO_63 = 2 ** 63;

/** Whether a raw number is an `int`: whole and within 64 bits. */
export function isIntNumber(n: number): boolean {
  return Number.isSafeInteger(n) || (Number.isInteger(n) && n >= -TWO_63 && n < TWO_63);
}

/** A `double`, boxed where the raw number would be read as an `int`. */
export function double(n: number): Value {
  return isIntNumber(n) ? new CelDouble(n) : n;
}

/** Whether `value` is JSON at every depth. */
export function isJson(value: Value): value is JsonValue {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "object" || !(value instanceof Boxed || value instanceof Uint8Array);
}

/** Whether `value` is a map made of JSON only. */
export function isRawMap(value: Value): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Boxed) && !(value instanceof Uint8Array);
}

/** The name of the type of `value`. */
export function typeName(value: Value): TypeName {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return isIntNumber(value) ? "int" : "double";
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (value instanceof Boxed) return boxedTypeName(value);
  return value instanceof Uint8Array ? "bytes" : "map";
}

function boxedTypeName(value: Boxed): TypeName {
  return value.typeName as TypeName;
}
