// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { type EvaluationFault, fault, isFault } from "../fault.ts";
import type { BinaryOperator } from "../syntax/ast.ts";
import { calculate, noOverload } from "../values/arithmetic.ts";
import { isList, isMap, itemsOf, valueAt } from "../values/containers.ts";
import { equals } from "../values/equality.ts";
import { checkText, countMade } from "../values/measure.ts";
import { order } from "../values/order.ts";
import { typeName, type Value } from "../values/value.ts";
import type { Result } from "./closure.ts";

/** `a operator b` for values of every type. */
export function operate(
  operator: BinaryOperator,
  [a, b]: readonly [Value, Value],
  budget: Budget,
): Result {
  switch (operator) {
    case "==":
      return equals(a, b, budget);
    case "!=":
      return !equals(a, b, budget);
    case "in":
      return isIn(a, b, budget);
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compare(operator, [a, b], budget);
    default:
      return checkMade(calculate(operator, a, b), budget);
  }
}

function compare(
  operator: "<" | "<=" | ">" | ">=",
  [a, b]: readonly [Value, Value],
  budget: Budget,
): boolean | EvaluationFault {
  const difference = order(a, b);
  if (difference === undefined) return noOverload(operator, a, b);
  if (typeof a === "string") budget.left -= (a.length / 10) | 0;
  switch (operator) {
    case "<":
      return difference < 0;
    case "<=":
      return difference <= 0;
    case ">":
      return difference > 0;
    case ">=":
      return difference >= 0;
  }
}

function isIn(a: Value, b: Value, budget: Budget): boolean | EvaluationFault {
  if (isMap(b)) return valueAt(b, a) !== undefined;
  if (!isList(b)) {
    const help = typeof b === "string" ? ", use contains()" : "";
    return fault(
      "no-such-overload",
      `no such overload: ${typeName(a)} in ${typeName(b)}${help}`,
    );
  }
  const items = itemsOf(b);
  budget.left -= (items.length / 10) | 0;
  return items.some((item) => equals(a, item, budget));
}

/** Charges what arithmetic made, and refuses what is too large. */
function checkMade(made: Result, budget: Budget): Result {
  if (isFault(made)) return made;
  if (typeof made === "string") return checkText(made, budget);
  if (made instanceof Uint8Array) budget.left -= (made.length / 10) | 0;
  if (!isList(made)) return made;
  budget.left -= (itemsOf(made).length / 10) | 0;
  return countMade(made, budget) ?? made;
}
