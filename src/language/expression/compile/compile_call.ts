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
  return { evaluate: applyRows(rows, compiled.map(({ evaluate }) => evaluate), call.span), cost };
}

/** What a call gives: a fault gets its place, a budget that is used up counts for more. */
function finished(result: Result, budget: Budget, span: Span): Result {
  if (result instanceof EvaluationFault) return result.at(span);
  return budget.left < 0 ? costFault(budget).at(span) : result;
}

/** A call with its name in full and its target, if any, as the first argument. */
interface ResolvedCall {
  readonly name: string;
  readonly isMethod: boolean;
  readonly args: readonly Expr[];
}

/** `optional.of(x)` looks like a method and is a function with a dotted name. */
function resolveCall({ name, target, args }: Call, context: CompileContext): ResolvedCall {
  if (target === undefined) return { name, isMethod: false, args };
  if (target.type === "name" && context.cellOf(target.name) === undefined) {
    const dotted = { name: `${target.name}.${name}`, isMethod: false, argCount: args.length };
    if (overloadsOf(dotted).length > 0) return { ...dotted, args };
  }
  return { name, isMethod: true, args: [target, ...args] };
}

/** Evaluates the arguments and runs the first row that takes them. */
function applyRows(rows: readonly FunctionRow[], args: readonly Evaluate[], span: Span): Evaluate {
  const [first, second, third] = args;
  if (first === undefined) {
    return (_, budget) => finished(rows[0]?.run(budget, null, null, null) ?? null, budget, span);
  }
  if (second === undefined) return applyOne(rows, first, span);
  return third === undefined
    ? applyTwo(rows, [first, second], span)
    : applyThree(rows, [first, second, third], span);
}

/** The tests of the argument at `place`, one for each row. */
function testsOf(rows: readonly FunctionRow[], place: number): readonly Accepts[] {
  return rows.map(({ accepts }) => accepts[place] ?? (() => false));
}

type Accepts = (value: Value) => boolean;

function applyOne(rows: readonly FunctionRow[], arg: Evaluate, span: Span): Evaluate {
  const takes = testsOf(rows, 0);
  return (variables, budget) => {
    const a = arg(variables, budget);
    if (a instanceof EvaluationFault) return a.at(span);
    for (let index = 0; index < takes.length; index++) {
      if ((takes[index] as Accepts)(a)) {
        return finished((rows[index] as FunctionRow).run(budget, a, null, null), budget, span);
      }
    }
    return noSuchOverload(rows, [a]).at(span);
  };
}

function applyTwo(
  rows: readonly FunctionRow[],
  [left, right]: readonly [Evaluate, Evaluate],
  span: Span,
): Evaluate {
  const takesLeft = testsOf(rows, 0);
  const takesRight = testsOf(rows, 1);
  return (variables, budget) => {
    const a = left(variables, budget);
    if (a instanceof EvaluationFault) return a.at(span);
    const b = right(variables, budget);
    if (b instanceof EvaluationFault) return b.at(span);
    for (let index = 0; index < takesLeft.length; index++) {
      if ((takesLeft[index] as Accepts)(a) && (takesRight[index] as Accepts)(b)) {
        return finished((rows[index] as FunctionRow).run(budget, a, b, null), budget, span);
      }
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
