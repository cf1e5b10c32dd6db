// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, type JsonObject, type JsonValue, memberAt } from "../language/mod.ts";

/** Annotation of a managed object with the target that was applied last (TR-7). */
export const LAST_APPLIED = "koreo.dev/last-applied-configuration";

/** The last-applied target of a live object; `undefined` without one, or when it is not JSON. */
export function lastAppliedOf(live: JsonObject): JsonObject | undefined {
  const text = memberAt(live, "metadata", "annotations", LAST_APPLIED);
  if (typeof text !== "string") return undefined;
  const parsed = parseJson(text);
  return isJsonObject(parsed) ? parsed : undefined;
}

/** The value of a JSON text with exact whole numbers, or `undefined` when it is not JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return LONG_DIGITS.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text);
  } catch {
    // Foreign text in our annotation is no failure: it only tells nothing.
    return undefined;
  }
}

/** Runs of digits that may not fit a double. */
const LONG_DIGITS = /\d{16}/;

function exactNumber(_key: string, value: JsonValue, context?: { source?: string }): JsonValue {
  const source = context?.source;
  if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined) {
    return value;
  }
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
