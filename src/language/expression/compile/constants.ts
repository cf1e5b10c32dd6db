// SPDX-License-Identifier: Apache-2.0

import { createBudget, LIMITS } from "../budget.ts";
import { isFault } from "../fault.ts";
import { isJson, type Value } from "../values/value.ts";
import type { Compiled } from "./closure.ts";

/** Freezes a constant container: evaluations share it. */
export function freeze<T extends Value>(value: T): T {
  if (typeof value !== "object" || value === null || !isJson(value) || Object.isFrozen(value)) {
    return value;
  }
  for (const part of Object.values(value)) freeze(part as Value);
  return Object.freeze(value);
}

/**
 * The node as a constant, when all it is made of is constant and it gives a scalar: functions and
 * operators depend on nothing else. It costs what evaluating it costs.
 */
export function folded(node: Compiled, operands: readonly Compiled[]): Compiled {
  if (operands.some(({ constant }) => constant === undefined)) return node;
  const budget = createBudget();
  budget.left = LIMITS.expressionCost;
  const constant = node.evaluate({}, budget);
  if (isFault(constant) || typeof constant === "object") return node;
  return {
    evaluate: () => constant,
    cost: node.cost + LIMITS.expressionCost - budget.left,
    constant,
  };
}
