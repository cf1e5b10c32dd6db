// SPDX-License-Identifier: Apache-2.0

import { type Budget, costFault } from "../budget.ts";
import { EvaluationFault, fault } from "../fault.ts";
import type { LoopMacro } from "../syntax/ast.ts";
import { listOf } from "../values/containers.ts";
import { checkSize, grow } from "../values/measure.ts";
import { typeName, type Value, type Variables } from "../values/value.ts";
import type { Cell, Result } from "./closure.ts";

/** Evaluates the body for the item in the cell; `undefined` when the item is left out. */
export type Step = (variables: Variables, budget: Budget) => Result | undefined;

/** The body of a macro, what it costs each time, and where it finds its item. */
export interface Body {
  readonly cell: Cell;
  readonly cost: number;
  readonly step: Step;
}

/** What a macro makes of its items (EX-37). */
export type Fold = (items: readonly Value[], variables: Variables, budget: Budget) => Result;

/** The macros as loops. They are made for a body, so that an evaluation makes no closures. */
export const FOLDS: Readonly<Record<LoopMacro, (body: Body) => Fold>> = {
  all: (body) => decide(body, false),
  exists: (body) => decide(body, true),
  exists_one: existsOne,
  filter,
  map,
};

/** As in `&&` and `||`, an item that decides counts for more than a fault (EX-33). */
function decide({ cell, cost, step }: Body, decisive: boolean): Fold {
  return (items, variables, budget) => {
    let failed: EvaluationFault | undefined;
    for (let index = 0; index < items.length; index++) {
      cell.value = items[index] as Value;
      const value = condition(
        (budget.left -= cost) < 0 ? costFault(budget) : step(variables, budget),
      );
      if (value === decisive) return decisive;
      if (value instanceof EvaluationFault) failed ??= value;
    }
    return failed ?? !decisive;
  };
}

function existsOne({ cell, cost, step }: Body): Fold {
  return (items, variables, budget) => {
    let count = 0;
    for (let index = 0; index < items.length; index++) {
      cell.value = items[index] as Value;
      const value = condition(
        (budget.left -= cost) < 0 ? costFault(budget) : step(variables, budget),
      );
      if (value instanceof EvaluationFault) return value;
      if (value) count++;
    }
    return count === 1;
  };
}

function filter({ cell, cost, step }: Body): Fold {
  return (items, variables, budget) => {
    const kept: Value[] = [];
    for (let index = 0; index < items.length; index++) {
      const item = items[index] as Value;
      cell.value = item;
      const value = condition(
        (budget.left -= cost) < 0 ? costFault(budget) : step(variables, budget),
      );
      if (value instanceof EvaluationFault) return value;
      if (value) kept.push(item);
    }
    return finish(kept, budget);
  };
}

function map({ cell, cost, step }: Body): Fold {
  return (items, variables, budget) => {
    const made: Value[] = [];
    for (let index = 0; index < items.length; index++) {
      cell.value = items[index] as Value;
      const value = (budget.left -= cost) < 0 ? costFault(budget) : step(variables, budget);
      if (value === undefined) continue;
      if (value instanceof EvaluationFault) return value;
      const tooLarge = grow(value, budget);
      if (tooLarge !== undefined) return tooLarge;
      made.push(value);
    }
    return finish(made, budget);
  };
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
