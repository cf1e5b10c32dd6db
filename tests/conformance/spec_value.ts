// SPDX-License-Identifier: Apache-2.0

import { Buffer } from "node:buffer";
import {
  CelDouble,
  CelList,
  CelMap,
  CelType,
  CelUint,
  compileExpression,
  createBudget,
  isFault,
  parseExpression,
  type Value,
} from "../../src/language/expression/mod.ts";
import type { SpecValue } from "./cel_spec_cases.ts";

/** A message where the data has one for which the language has no type. */
export class NoSuchType extends TypeError {}

/** The value that the data writes. */
export function valueOf(spec: SpecValue): Value {
  const [[type, given] = ["nullValue", null]] = Object.entries(spec);
  switch (type) {
    case "nullValue":
      return null;
    case "boolValue":
    case "stringValue":
      return given as boolean | string;
    case "int64Value":
      return intOf(given as string);
    case "uint64Value":
      return new CelUint(BigInt(given as string));
    case "doubleValue":
      return doubleOf(Number(given));
    case "bytesValue":
      return new Uint8Array(Buffer.from(given as string, "base64"));
    case "typeValue":
      return new CelType(given as string);
    case "listValue":
      return listOf((given as { values?: readonly SpecValue[] }).values ?? []);
    case "mapValue":
      return mapOf((given as { entries?: readonly SpecEntry[] }).entries ?? []);
    case "objectValue":
      return objectOf(given as { "@type": string; value: string });
    default:
      throw new NoSuchType(type);
  }
}

interface SpecEntry {
  readonly key: SpecValue;
  readonly value: SpecValue;
}

function intOf(text: string): Value {
  const small = Number(text);
  return Number.isSafeInteger(small) ? small : BigInt(text);
}

function doubleOf(n: number): Value {
  return Number.isInteger(n) && Math.abs(n) < 2 ** 63 ? new CelDouble(n) : n;
}

function listOf(values: readonly SpecValue[]): Value {
  return new CelList(values.map(valueOf));
}

function mapOf(entries: readonly SpecEntry[]): Value {
  const held = entries.map((entry) => ({ key: valueOf(entry.key), value: valueOf(entry.value) }));
  return new CelMap(new Map(held.map((entry) => [keyOf(entry.key), entry])));
}

function keyOf(key: Value): string | number | bigint | boolean {
  if (key instanceof CelUint) return keyOf(intOf(String(key.value)));
  if (key === null || typeof key === "object") throw new NoSuchType("key");
  return key;
}

/** Durations and timestamps stand in the data as messages. */
function objectOf({ "@type": type, value }: { "@type": string; value: string }): Value {
  const name = type.split(".").at(-1)?.toLowerCase() ?? "";
  if (name !== "duration" && name !== "timestamp") throw new NoSuchType(type);
  const source = `${name}("${value}")`;
  const parsed = parseExpression(source);
  if (parsed.type === "failed") throw new NoSuchType(source);
  const made = compileExpression(parsed.expression, source).evaluate({}, createBudget());
  if (isFault(made)) throw new NoSuchType(source);
  return made;
}
