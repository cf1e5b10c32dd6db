// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../../json.ts";

/** What is known of a value in generated code. Each of them is JSON. */
export type Known = "json" | "null" | "boolean" | "string" | "number" | "int" | "list" | "map";

/** A value in generated code. */
export interface Operand {
  /** The name of the variable or constant that holds it, or `true`. */
  readonly text: string;
  /** What was known of it when it was made. What is known by now, the code tells. */
  readonly known: Known;
}

/** Whether something was generated. */
export function isOperand(made: unknown): made is Operand {
  return typeof made === "object";
}

/** What is known of a constant. */
export function knownOf(constant: JsonValue): Known {
  switch (typeof constant) {
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    case "number":
      return Number.isSafeInteger(constant) ? "int" : "number";
    case "bigint":
      return "json";
  }
  return constant === null ? "null" : Array.isArray(constant) ? "list" : "map";
}

/** Whether a value that is known to be the one is known to be the other. */
export function implies(known: Known, wanted: Known): boolean {
  return known === wanted || wanted === "json" || (known === "int" && wanted === "number");
}

/** The test whether a value is of this sort. */
export function testOf(text: string, wanted: Exclude<Known, "json">): string {
  switch (wanted) {
    case "null":
      return `${text} === null`;
    case "boolean":
    case "string":
    case "number":
      return `typeof ${text} === "${wanted}"`;
    case "int":
      return `Number.isSafeInteger(${text})`;
    case "list":
      return `Array.isArray(${text})`;
    case "map":
      return `typeof ${text} === "object" && ${text} !== null && !Array.isArray(${text})`;
  }
}
