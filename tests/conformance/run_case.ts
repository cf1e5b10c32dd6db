// SPDX-License-Identifier: Apache-2.0

import {
  compileExpression,
  createBudget,
  isFault,
  parseExpression,
  type Value,
} from "../../src/language/expression/mod.ts";
import {
  entriesOf,
  isList,
  isMap,
  itemsOf,
  valueAt,
} from "../../src/language/expression/values/containers.ts";
import { equals } from "../../src/language/expression/values/equality.ts";
import { typeName } from "../../src/language/expression/values/value.ts";
import type { SpecCase } from "./cel_spec_cases.ts";
import { NoSuchType, valueOf } from "./spec_value.ts";

/** Why a case does not pass; `undefined` when it does. */
export function failureOf(spec: SpecCase): string | undefined {
  try {
    return compare(spec, evaluate(spec));
  } catch (error) {
    if (error instanceof NoSuchType) return `no type for ${error.message}`;
    throw error;
  }
}

/** The value, or in words why there is none. */
type Outcome =
  | { readonly type: "value"; readonly value: Value }
  | { readonly type: "syntax" | "fault"; readonly reason: string };

function evaluate({ expr, bindings }: SpecCase): Outcome {
  const parsed = parseExpression(expr);
  if (parsed.type === "failed") {
    return { type: "syntax", reason: parsed.faults.map((fault) => fault.message).join("; ") };
  }
  const variables = Object.fromEntries(
    Object.entries(bindings).map(([name, { value }]) => [name, valueOf(value)]),
  );
  const value = compileExpression(parsed.expression, expr).evaluate(variables, createBudget());
  return isFault(value) ? { type: "fault", reason: value.reason } : { type: "value", value };
}

/** A case that must fail has to fail when it is evaluated: all the data is sound syntax. */
function compare({ value: spec }: SpecCase, outcome: Outcome): string | undefined {
  if (spec === undefined) {
    return outcome.type === "fault" ? undefined : `expected a fault, found ${outcome.type}`;
  }
  if (outcome.type !== "value") return `${outcome.type}: ${outcome.reason}`;
  const wanted = valueOf(spec);
  return isSame(outcome.value, wanted) ? undefined : `found ${typeName(outcome.value)}`;
}

/** Equal, of the same type at every depth, with NaN the same as NaN. */
function isSame(a: Value, b: Value): boolean {
  if (typeName(a) !== typeName(b)) return false;
  if (typeof a === "number" && typeof b === "number") return Object.is(a, b);
  if (isList(a) && isList(b)) return areSame(itemsOf(a), itemsOf(b));
  if (isMap(a) && isMap(b)) {
    const entries = entriesOf(a);
    return entries.length === entriesOf(b).length && entries.every(({ key, value }) => {
      const other = valueAt(b, key);
      return other !== undefined && isSame(value, other);
    });
  }
  return equals(a, b, { left: 1_000_000 });
}

function areSame(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, index) => isSame(item, b[index] ?? null));
}
