// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../../language/mod.ts";

/** A shorter run of digits fits a `number` exactly. */
const MANY_DIGITS = /\d{16}/;
const WHOLE_NUMBER = /^-?\d+$/;

/** `JSON` with source access, which the library's types do not know yet. */
const json = JSON as Omit<JSON, "parse"> & {
  parse(text: string, revive?: Revive): JsonValue;
  rawJSON(text: string): unknown;
};

type Revive = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * Reads JSON and keeps whole numbers exact: those beyond the safe range become `bigint`.
 *
 * Reading number by number costs several times more, so only texts with a long run of digits
 * are read that way.
 *
 * @throws {SyntaxError} If the text is not JSON
 */
export function parseExactJson(text: string): JsonValue {
  return MANY_DIGITS.test(text) ? json.parse(text, exactNumber) : json.parse(text);
}

function exactNumber(
  _key: string,
  value: unknown,
  { source }: { readonly source?: string },
): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  if (source === undefined || !WHOLE_NUMBER.test(source)) return value;
  const exact = BigInt(source);
  return BigInt.asIntN(64, exact) === exact ? exact : value;
}

/**
 * Writes JSON; a `bigint` becomes a number of all its digits.
 *
 * Looking at each value costs twice as much, so that is done only once `JSON` has met one that it
 * cannot write.
 */
export function printExactJson(value: JsonValue): string {
  try {
    return json.stringify(value);
  } catch {
    return json.stringify(value, rawNumber);
  }
}

function rawNumber(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? json.rawJSON(String(value)) : value;
}
