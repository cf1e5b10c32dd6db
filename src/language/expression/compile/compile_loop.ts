// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { EvaluationFault, fault } from "../fault.ts";
import type { Loop, OptionalMap, Reduce } from "../syntax/ast.ts";
import { isList, isMap, itemsOf, keysOf } from "../values/containers.ts";
import { grow } from "../values/measure.ts";
import { CelOptional, NONE, typeName, type Value } from "../values/value.ts";
import {
  type Cell,
  charged,
  type CompileContext,
  type Compiled,
  type Evaluate,
} from "./closure.ts";
import type { Result } from "./closure.ts";
import { type Body, condition, FOLDS, type Step } from "./loops.ts";

/** `range.map(x, body)` and its relatives (EX-37). */
export function compileLoop(expr: Loop, context: CompileContext): Compiled {
  const { macro, span } = expr;
  const bodySpan = expr.body.span;
  const range = context.compile(expr.range);
  const cell: Cell = { value: null };
  const body = compileBody(expr, context.bind(expr.variable.name, cell));
  const fold = FOLDS[macro]({ cell, ...body });
  const evaluate: Evaluate = (variables, budget) => {
    const items = itemsToVisit(range.evaluate(variables, budget), macro, budget);
    if (items instanceof EvaluationFault) return items.at(span);
    const result = fold(items, variables, budget);
    cell.value = null;
    return result instanceof EvaluationFault ? result.at(bodySpan) : result;
  };
  return { evaluate, cost: range.cost + 1 };
}

function compileBody({ filter, body }: Loop, context: CompileContext): Omit<Body, "cell"> {
  const { evaluate, cost } = withStepCost(context.compile(body));
  if (filter === undefined) return { step: evaluate, cost };
  const { span } = filter;
  const apply = charged({ evaluate, cost });
  const test = context.compile(filter);
  const step: Step = (variables, budget) => {
    const isKept = condition(test.evaluate(variables, budget));
    if (isKept === true) return apply(variables, budget);
    return isKept === false ? undefined : isKept.at(span);
  };
  return { step, cost: test.cost };
}

function withStepCost({ evaluate, cost }: Compiled): Compiled {
  return { evaluate, cost: cost + 1 };
}

/** The elements of a list or the keys of a map. */
export function itemsToVisit(
  range: Result,
  macro: string,
  budget: Budget,
): readonly Value[] | EvaluationFault {
  if (range instanceof EvaluationFault) return range;
  if (isList(range)) return itemsOf(range);
  if (isMap(range)) {
    const keys = keysOf(range);
    // A list is there; the keys are produced, also where the first of them decides.
    budget.left -= (keys.length / 10) | 0;
    return keys;
  }
  const reason = `no such overload: ${macro}() runs over a list or map, not ${typeName(range)}`;
  return fault("no-such-overload", reason);
}

/** `range.reduce(accumulator, x, initial, body)` (FN-40). */
export function compileReduce(expr: Reduce, context: CompileContext): Compiled {
  const { span } = expr;
  const range = context.compile(expr.range);
  const initial = context.compile(expr.initial);
  const accumulator: Cell = { value: null };
  const cell: Cell = { value: null };
  const step = charged(withStepCost(
    context.bind(expr.accumulator.name, accumulator).bind(expr.variable.name, cell)
      .compile(expr.body),
  ));
  const evaluate: Evaluate = (variables, budget) => {
    const items = itemsToVisit(range.evaluate(variables, budget), "reduce", budget);
    if (items instanceof EvaluationFault) return items.at(span);
    let result = initial.evaluate(variables, budget);
    for (let index = 0; index < items.length && !(result instanceof EvaluationFault); index++) {
      accumulator.value = result;
      cell.value = items[index] as Value;
      const next = step(variables, budget);
      result = next instanceof EvaluationFault ? next : grow(next, budget)?.at(span) ?? next;
    }
    accumulator.value = cell.value = null;
    return result;
  };
  return { evaluate, cost: range.cost + initial.cost + 1 };
}

/** `target.optMap(x, body)` and `target.optFlatMap(x, body)` (EX-36). */
export function compileOptionalMap(expr: OptionalMap, context: CompileContext): Compiled {
  const { span } = expr;
  const bodySpan = expr.body.span;
  const target = context.compile(expr.target);
  const cell: Cell = { value: null };
  const body = charged(context.bind(expr.variable.name, cell).compile(expr.body));
  const wrap = expr.isFlat ? flat : (value: Value) => new CelOptional(value);
  const evaluate: Evaluate = (variables, budget) => {
    const optional = target.evaluate(variables, budget);
    if (optional instanceof EvaluationFault) return optional;
    if (!(optional instanceof CelOptional)) return notOptional(optional).at(span);
    if (optional.value === undefined) return NONE;
    cell.value = optional.value;
    const result = body(variables, budget);
    cell.value = null;
    if (result instanceof EvaluationFault) return result;
    const wrapped = wrap(result);
    return wrapped instanceof EvaluationFault ? wrapped.at(bodySpan) : wrapped;
  };
  return { evaluate, cost: target.cost + 1 };
}

function flat(value: Value): Result {
  return value instanceof CelOptional ? value : notOptional(value);
}

function notOptional(value: Value): EvaluationFault {
  return fault("no-such-overload", `no such overload: an optional value, not ${typeName(value)}`);
}
