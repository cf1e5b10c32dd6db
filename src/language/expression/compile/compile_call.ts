// SPDX-License-Identifier: Apache-2.0

import { type Budget, costFault } from "../budget.ts";
import { EvaluationFault } from "../fault.ts";
import { noSuchFunction, noSuchOverload, overloadsOf } from "../functions/library.ts";
import type { FunctionRow } from "../functions/row.ts";
import type { Call, Expr, Span } from "../syntax/ast.ts";
import {
  compileAll,
  type CompileContext,
  type Compiled,
  type Evaluate,
  type Result,
  sumOfCosts,
} from "./closure.ts";
import { compileOr } from "./compile_or.ts";
import { folded } from "./constants.ts";
import type { Value } from "../values/value.ts";

/** A call of a function or method. */
export function compileCall(call: Call, context: CompileContext): Compiled {
  const { name, isMethod, args } = resolveCall(call, context);
  const rows = overloadsOf({ name, isMethod, argCount: args.length });
  const compiled = compileAll(args, context);
  if (isMethod && (name === "or" || name === "orValue") && compiled.length === 2) {
    return compileOr(call, compiled);
  }
  const cost = sumOfCosts(compiled) + 1;
  if (rows.length === 0) {
    const failed = noSuchFunction({ name, isMethod, argCount: args.length }).at(call.span);
    return { evaluate: () => failed, cost };
  }
  return folded({ evaluate: applyRows(rows, compiled, call.span), cost }, compiled);
}

/** What a call gives: a fault gets its place, a budget that is used up counts for more. */
function finished(result: Result, budget: Budget, span: Span): Result {
  if (result instanceof EvaluationFault) return result.at(span);
  return budget.left < 0 ? costFault(budget).at(span) : result;
}

/** A call with its name in full and its target, if any, as the first argument. */
export interface ResolvedCall {
  readonly name: string;
  readonly isMethod: boolean;
  readonly args: readonly Expr[];
}

/** `optional.of(x)` looks like a method and is a function with a dotted name. */
export function resolveCall({ name, target, args }: Call, context: CompileContext): ResolvedCall {
  if (target === undefined) return { name, isMethod: false, args };
  if (target.type === "name" && context.cellOf(target.name) === undefined) {
    const dotted = { name: `${target.name}.${name}`, isMethod: false, argCount: args.length };
    if (overloadsOf(dotted).length > 0) return { ...dotted, args };
  }
  return { name, isMethod: true, args: [target, ...args] };
}

/** Evaluates the arguments and runs the first row that takes them. */
function applyRows(rows: readonly FunctionRow[], args: readonly Compiled[], span: Span): Evaluate {
  const [first, second, third] = args;
  if (first === undefined) {
    return (_, budget) => finished(rows[0]?.run(budget, null, null, null) ?? null, budget, span);
  }
  if (second === undefined) return applyOne(rows, first.evaluate, span);
  return third === undefined
    ? applyTwo(rows, [first, second], span)
    : applyThree(rows, [first.evaluate, second.evaluate, third.evaluate], span);
}

/** Whether a row takes a value at one of its places. */
type Accepts = (value: Value) => boolean;

/** How each row tests its argument at `place`; `undefined` for a text, which needs no call. */
function testsOf(rows: readonly FunctionRow[], place: number): readonly (Accepts | undefined)[] {
  return rows.map(({ parameters, accepts }) =>
    parameters[place]?.[1] === "string" ? undefined : accepts[place]
  );
}

function applyOne(rows: readonly FunctionRow[], arg: Evaluate, span: Span): Evaluate {
  const tests = testsOf(rows, 0);
  return (variables, budget) => {
    const a = arg(variables, budget);
    if (a instanceof EvaluationFault) return a.at(span);
    for (let index = 0; index < tests.length; index++) {
      const test = tests[index];
      if (test === undefined ? typeof a === "string" : test(a)) {
        return finished((rows[index] as FunctionRow).run(budget, a, null, null), budget, span);
      }
    }
    return noSuchOverload(rows, [a]).at(span);
  };
}

function applyTwo(
  rows: readonly FunctionRow[],
  [{ evaluate: left }, { evaluate: right, constant }]: readonly [Compiled, Compiled],
  span: Span,
): Evaluate {
  const testsLeft = testsOf(rows, 0);
  const testsRight = testsOf(rows, 1);
  return (variables, budget) => {
    const a = left(variables, budget);
    if (a instanceof EvaluationFault) return a.at(span);
    const b = constant === undefined ? right(variables, budget) : constant;
    if (b instanceof EvaluationFault) return b.at(span);
    for (let index = 0; index < testsLeft.length; index++) {
      const testLeft = testsLeft[index];
      if (!(testLeft === undefined ? typeof a === "string" : testLeft(a))) continue;
      const testRight = testsRight[index];
      if (!(testRight === undefined ? typeof b === "string" : testRight(b))) continue;
      return finished((rows[index] as FunctionRow).run(budget, a, b, null), budget, span);
    }
    return noSuchOverload(rows, [a, b]).at(span);
  };
}

function applyThree(
  rows: readonly FunctionRow[],
  [left, middle, right]: readonly [Evaluate, Evaluate, Evaluate],
  span: Span,
): Evaluate {
  return (variables, budget) => {
    const a = left(variables, budget);
    if (a instanceof EvaluationFault) return a.at(span);
    const b = middle(variables, budget);
    if (b instanceof EvaluationFault) return b.at(span);
    const c = right(variables, budget);
    if (c instanceof EvaluationFault) return c.at(span);
    for (const { accepts: [first, second, third], run } of rows) {
      if (first?.(a) && second?.(b) && third?.(c)) {
        return finished(run(budget, a, b, c), budget, span);
      }
    }
    return noSuchOverload(rows, [a, b, c]).at(span);
  };
}
