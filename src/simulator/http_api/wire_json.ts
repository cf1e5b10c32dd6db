// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../../language/mod.ts";

interface ReviverContext {
  readonly source?: string;
}

interface ExactJson {
  parse(
    text: string,
    revive: (key: string, value: JsonValue, context: ReviverContext) => JsonValue,
  ): JsonValue;
  rawJSON(text: string): JsonValue;
}

// Both are part of the language (JSON.parse source text access) but not yet of its type library.
const exact = JSON as unknown as ExactJson;

/** Reads JSON; whole numbers that a double cannot hold become `bigint`. */
export function parseWireJson(text: string): JsonValue {
  // Source access makes parsing several times slower, and few bodies hold such numbers.
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return exact.parse(text, (_key, value, { source }) => {
    const isLong = typeof value === "number" && source !== undefined &&
      /^-?\d{16,}$/.test(source) && !Number.isSafeInteger(value);
    return isLong ? BigInt(source) : value;
  });
}

/** Writes JSON; a `bigint` becomes a number with all its digits. */
export function printWireJson(value: JsonValue): string {
  return JSON.stringify(
    value,
    (_key, part) => typeof part === "bigint" ? exact.rawJSON(part.toString()) : part,
  );
}
