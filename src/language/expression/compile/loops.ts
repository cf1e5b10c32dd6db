// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { EvaluationFault, fault } from "../fault.ts";
import type { LoopMacro } from "../syntax/ast.ts";
import { listOf } from "../values/containers.ts";
import { checkSize, grow } from "../values/measure.ts";
import { typeName, type Value } from "../values/value.ts";
import type { Result } from "./closure.ts";

/** What the body gives for one item; `undefined` when the item is left out. */
export type Given = (item: Value) => Result | undefined;

/** What a macro makes of its items (EX-37). */
export type Fold = (items: readonly Value[], given: Given, budget: Budget) => Result;

/** The macros as loops. */
export const FOLDS: Readonly<Record<LoopMacro, Fold>> = {
  all: (items, given) => decide(items, given, false),
  exists: (items, given) => decide(items, given, true),
  exists_one: existsOne,
  filter,
  map,
};

/** As in `&&` and `||`, an item that decides counts for more than a fault (EX-33). */
function decide(items: readonly Value[], given: Given, decisive: boolean): Result {
  let failed: EvaluationFault | undefined;
  for (const item of items) {
    const value = condition(given(item));
    if (value === decisive) return decisive;
    if (value instanceof EvaluationFault) failed ??= value;
  }
  return failed ?? !decisive;
}

function existsOne(items: readonly Value[], given: Given): Result {
  let count = 0;
  for (const item of items) {
    const value = condition(given(item));
    if (value instanceof EvaluationFault) return value;
    if (value) count++;
  }
  return count === 1;
}

function filter(items: readonly Value[], given: Given, budget: Budget): Result {
  const kept: Value[] = [];
  for (const item of items) {
    const value = condition(given(item));
    if (value instanceof EvaluationFault) return value;
    if (value) kept.push(item);
  }
  return finish(kept, budget);
}

function map(items: readonly Value[], given: Given, budget: Budget): Result {
  const made: Value[] = [];
  for (const item of items) {
    const value = given(item);
    if (value === undefined) continue;
    if (value instanceof EvaluationFault) return value;
    const tooLarge = grow(value, budget);
    if (tooLarge !== undefined) return tooLarge;
    made.push(value);
  }
  return finish(made, budget);
}

function finish(items: readonly Value[], budget: Budget): Result {
  budget.left -= (items.length / 10) | 0;
  budget.madeNodes += items.length;
  const made = listOf(items);
  return checkSize(made, budget) ?? made;
}

/** The result of a condition: a bool or a fault. */
export function condition(value: Result | undefined): boolean | EvaluationFault {
  if (typeof value === "boolean" || value instanceof EvaluationFault) return value;
  const type = value === undefined ? "nothing" : typeName(value);
  return fault("no-such-overload", `no such overload: the condition must be a bool, not ${type}`);
}
