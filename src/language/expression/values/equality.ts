// SPDX-License-Identifier: Apache-2.0

import {
  entriesOf,
  isList,
  isMap,
  itemsOf,
  type MapValue,
  sizeOfMap,
  valueAt,
} from "./containers.ts";
import {
  CelDouble,
  CelDuration,
  CelOptional,
  CelTimestamp,
  CelType,
  CelUint,
  type Value,
} from "./value.ts";

/** Counts the elements that a comparison reads. */
export interface ReadCounter {
  left: number;
}

/** How many elements are compared for one cost unit (LM-20). */
const ELEMENTS_PER_UNIT = 10;

/**
 * Whether two values are equal (EX-31): numbers by value across their types, values of different
 * kinds never. Charges the elements it reads; once nothing is left the answer means nothing.
 */
export function equals(a: Value, b: Value, counter: ReadCounter): boolean {
  if (typeof a === "string") return typeof b === "string" && sameText(a, b, counter);
  if (a === b) return true;
  if (typeof a !== "object" && typeof b !== "object") return sameScalar(a, b);
  if (a === null || b === null) return false;
  if (isList(a)) return isList(b) && sameItems(itemsOf(a), itemsOf(b), counter);
  if (isMap(a)) return isMap(b) && sameEntries(a, b, counter);
  return sameBoxed(a, b, counter);
}

/** Only texts of one length have to be read. */
function sameText(a: string, b: string, counter: ReadCounter): boolean {
  if (a.length !== b.length) return false;
  counter.left -= (a.length / ELEMENTS_PER_UNIT) | 0;
  return a === b;
}

/** `int` has two forms and never one value in both; a raw double may be as large as a bigint. */
function sameScalar(a: Value, b: Value): boolean {
  return typeof a === "bigint" || typeof b === "bigint" ? sameNumber(a, b) : false;
}

function sameNumber(a: Value, b: Value): boolean {
  const left = numeric(a);
  const right = numeric(b);
  // deno-lint-ignore eqeqeq -- JavaScript compares a bigint and a number by value only so
  return left !== undefined && right !== undefined && left == right;
}

/** The number in a value of a numeric type. */
export function numeric(value: Value): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  return value instanceof CelDouble || value instanceof CelUint ? value.value : undefined;
}

function sameItems(a: readonly Value[], b: readonly Value[], counter: ReadCounter): boolean {
  if (a.length !== b.length) return false;
  counter.left -= Math.ceil(a.length / ELEMENTS_PER_UNIT);
  if (counter.left < 0) return false;
  return a.every((item, index) => equals(item, b[index] as Value, counter));
}

function sameEntries(a: MapValue, b: MapValue, counter: ReadCounter): boolean {
  const size = sizeOfMap(a);
  // To know the size of a map, its keys are listed.
  counter.left -= Math.ceil(size / ELEMENTS_PER_UNIT);
  if (counter.left < 0 || size !== sizeOfMap(b)) return false;
  return entriesOf(a).every(({ key, value }) => {
    const other = valueAt(b, key);
    return other !== undefined && equals(value, other, counter);
  });
}

function sameBoxed(a: Value, b: Value, counter: ReadCounter): boolean {
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && sameTime(a, b);
  if (a instanceof CelDuration) return b instanceof CelDuration && sameTime(a, b);
  if (a instanceof CelType) return b instanceof CelType && a.name === b.name;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && sameBytes(a, b, counter);
  if (a instanceof CelOptional) return b instanceof CelOptional && sameOptional(a, b, counter);
  return sameNumber(a, b);
}

function sameTime(a: CelTimestamp | CelDuration, b: CelTimestamp | CelDuration): boolean {
  return a.seconds === b.seconds && a.nanos === b.nanos;
}

function sameBytes(a: Uint8Array, b: Uint8Array, counter: ReadCounter): boolean {
  if (a.length === b.length) counter.left -= (a.length / ELEMENTS_PER_UNIT) | 0;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function sameOptional(a: CelOptional, b: CelOptional, counter: ReadCounter): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equals(a.value, b.value, counter);
}
