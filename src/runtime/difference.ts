// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../language/mod.ts";

/** The first place where a live object is not what its target says (DF-1). */
export interface Difference {
  /** Keys, as-map item keys and list indexes, outermost first. */
  readonly path: readonly (string | number)[];
  /** The end text: `<target:[80], resource:[81]>`. */
  readonly reason: string;
  /** The two sides, where there are two. */
  readonly target?: JsonValue;
  /** What the live object has. */
  readonly live?: JsonValue;
}

/** The parts of a difference in the words of the language: `'ports'`, `at index '0'`. */
function differenceParts(difference: Difference): readonly string[] {
  const parts = difference.path.map((part) =>
    typeof part === "number" ? `at index '${part}'` : `'${part}'`
  );
  return [...parts, difference.reason];
}

/** A difference as one text (RF-48). */
export function differenceText(difference: Difference): string {
  return differenceParts(difference).join(" -> ");
}

/** The name of the type of a JSON value in difference texts (chapter 0). */
export type JsonTypeName = "object" | "array" | "string" | "number" | "bool" | "null";

/** The type of a JSON value, as difference texts name it. */
export function jsonTypeName(value: JsonValue): JsonTypeName {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "number":
    case "bigint":
      return "number";
    default:
      return value === null ? "null" : Array.isArray(value) ? "array" : "object";
  }
}
