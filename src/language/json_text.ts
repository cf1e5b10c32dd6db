// SPDX-License-Identifier: Apache-2.0

export { parseJsonText } from "./json_parse.ts";

import { type EvaluationFault, fault, isFault } from "./expression/fault.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { entriesOf, isList, isMap, itemsOf } from "./expression/values/containers.ts";
import { compareText } from "./expression/values/order.ts";
import {
  CelDouble,
  CelUint,
  isIntNumber,
  typeName,
  type Value,
} from "./expression/values/value.ts";

/** How a JSON text is written. */
export interface JsonTextOptions {
  /** Keys by code point (FN-41), or as they stand in the map (FN-42). */
  readonly order: "sorted" | "insertion";
  /** The longest text made, in characters; {@linkcode MAX_JSON_TEXT} unless given. */
  readonly maxLength?: number;
}

/**
 * No text is longer. A value may hold one part so often that its text has no end, though the value
 * itself takes little memory.
 */
const MAX_JSON_TEXT = 16 * 1024 * 1024;

/**
 * The JSON text of a value (FN-41, FN-42).
 *
 * ASCII only, with `, ` and `: ` as separators, as other Koreo implementations write it: texts are
 * compared with what they left in the cluster. A fault for what has no JSON text: Infinity, NaN,
 * bytes, times, types, optional values and keys that are no text, bool or whole number.
 */
export function jsonText(value: Value, options: JsonTextOptions): string | EvaluationFault {
  const writer: Writer = { text: "", isSorted: options.order === "sorted" };
  const limit = options.maxLength ?? MAX_JSON_TEXT;
  return write(value, { writer, limit }) ?? writer.text;
}

interface Writer {
  text: string;
  readonly isSorted: boolean;
}

interface Target {
  readonly writer: Writer;
  readonly limit: number;
}

/** Writes a value; gives a fault when it cannot. */
function write(value: Value, target: Target): EvaluationFault | undefined {
  if (target.writer.text.length > target.limit) return tooLong(target.limit);
  if (isList(value)) return writeList(itemsOf(value), target);
  if (isMap(value)) return writeMap(entriesOf(value), target);
  const text = scalarText(value);
  if (isFault(text)) return text;
  target.writer.text += text;
  return undefined;
}

function tooLong(limit: number): EvaluationFault {
  return fault("string-too-long", `string-too-long: more than ${limit} characters`);
}

function writeList(items: readonly Value[], target: Target): EvaluationFault | undefined {
  let separator = "[";
  for (const item of items) {
    target.writer.text += separator;
    separator = ", ";
    const failed = write(item, target);
    if (failed !== undefined) return failed;
  }
  target.writer.text += items.length === 0 ? "[]" : "]";
  return undefined;
}

interface TextEntry {
  readonly key: string;
  readonly value: Value;
}

function writeMap(
  entries: readonly { readonly key: Value; readonly value: Value }[],
  target: Target,
): EvaluationFault | undefined {
  const named: TextEntry[] = entries.map(({ key, value }) => ({ key: keyText(key), value }));
  if (target.writer.isSorted) named.sort((a, b) => compareText(a.key, b.key));
  let separator = "{";
  for (const { key, value } of named) {
    target.writer.text += `${separator}${quote(key)}: `;
    separator = ", ";
    const failed = write(value, target);
    if (failed !== undefined) return failed;
  }
  target.writer.text += named.length === 0 ? "{}" : "}";
  return undefined;
}

/** Whether the JSON text of a value is longer than `limit`: counted roughly, and no further. */
export function isLongerThan(value: JsonValue, limit: number): boolean {
  return lengthLeft(value, limit) < 0;
}

/** What is left of `limit` after a value; below zero as soon as it is used up. */
function lengthLeft(value: JsonValue, limit: number): number {
  if (typeof value === "string") return limit - value.length;
  if (typeof value !== "object" || value === null) return limit - 4;
  let left = limit - 2;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && left >= 0; index++) {
      left = lengthLeft(value[index] as JsonValue, left);
    }
    return left;
  }
  const map = value as JsonObject;
  for (const key in map) {
    left = lengthLeft(map[key] as JsonValue, left - key.length - 4);
    if (left < 0) return left;
  }
  return left;
}

/** Keys are texts, bools and whole numbers only. */
function keyText(key: Value): string {
  return key instanceof CelUint ? String(key.value) : String(key);
}

function scalarText(value: Value): string | EvaluationFault {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "boolean":
    case "bigint":
      return String(value);
    case "number":
      return isIntNumber(value) ? String(value) : doubleText(value);
  }
  if (value === null) return "null";
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelDouble) return doubleText(value.value);
  return fault("not-json", `JSON Encoding error: no JSON for a value of type ${typeName(value)}`);
}

/** A double is told from an int by its fraction or exponent. */
function doubleText(n: number): string | EvaluationFault {
  if (!Number.isFinite(n)) return fault("not-json", `JSON Encoding error: no JSON for ${n}`);
  const [mantissa = "", exponentText = "0"] = n.toExponential().split("e");
  const exponent = Number(exponentText);
  if (n !== 0 && (exponent < -4 || exponent >= 16)) {
    const digits = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
  }
  const sign = Object.is(n, -0) ? "-" : "";
  return Number.isInteger(n) ? `${sign}${n}.0` : plainText(n, exponent);
}

/** JavaScript writes an exponent below 1e-6 already. */
function plainText(n: number, exponent: number): string {
  return exponent < -6 ? n.toFixed(-exponent) : String(n);
}

/** A text in quotes, in ASCII. */
function quote(text: string): string {
  return JSON.stringify(text).replace(BEYOND_ASCII, escapeUnit);
}

const BEYOND_ASCII = /[\x7f-\uffff]/g;

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
