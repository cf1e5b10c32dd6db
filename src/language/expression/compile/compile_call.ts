// SPDX-License-Identifier: Apache-2.0

import { costFault } from "../budget.ts";
import { EvaluationFault } from "../fault.ts";
import { noSuchFunction, noSuchOverload, overloadsOf } from "../functions/library.ts";
import type { FunctionRow } from "../functions/row.ts";
import type { Call, Expr } from "../syntax/ast.ts";
import {
  compileAll,
  type CompileContext,
  type Compiled,
  type Evaluate,
  sumOfCosts,
} from "./closure.ts";
import { compileOr } from "./compile_or.ts";

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
  const evaluate = applyRows(rows, evaluatesOf(compiled));
  const { span } = call;
  return {
    evaluate(variables, budget) {
      const result = evaluate(variables, budget);
      if (result instanceof EvaluationFault) return result.at(span);
      return budget.left < 0 ? costFault(budget).at(span) : result;
    },
    cost,
  };
}

function evaluatesOf(compiled: readonly Compiled[]): readonly Evaluate[] {
  return compiled.map(({ evaluate }) => evaluate);
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
function applyRows(rows: readonly FunctionRow[], args: readonly Evaluate[]): Evaluate {
  const [first, second, third] = args;
  if (first === undefined) return (_, budget) => applyTo(rows, budget);
  if (second === undefined) return applyOne(rows, first);
  return third === undefined
    ? applyTwo(rows, first, second)
    : applyThree(rows, [first, second, third]);
}

function applyTo(
  rows: readonly FunctionRow[],
  budget: Parameters<Evaluate>[1],
): ReturnType<Evaluate> {
  return rows[0]?.run(budget, null, null, null) ?? null;
}

function applyOne(rows: readonly FunctionRow[], arg: Evaluate): Evaluate {
  return (variables, budget) => {
    const a = arg(variables, budget);
    if (a instanceof EvaluationFault) return a;
    for (const { accepts: [first], run } of rows) {
      if (first?.(a)) return run(budget, a, null, null);
    }
    return noSuchOverload(rows, [a]);
  };
}

function applyTwo(rows: readonly FunctionRow[], left: Evaluate, right: Evaluate): Evaluate {
  return (variables, budget) => {
    const a = left(variables, budget);
    if (a instanceof EvaluationFault) return a;
    const b = right(variables, budget);
    if (b instanceof EvaluationFault) return b;
    for (const { accepts: [first, second], run } of rows) {
      if (first?.(a) && second?.(b)) return run(budget, a, b, null);
    }
    return noSuchOverload(rows, [a, b]);
  };
}

function applyThree(
  rows: readonly FunctionRow[],
  [left, middle, right]: readonly [Evaluate, Evaluate, Evaluate],
): Evaluate {
  return (variables, budget) => {
    const a = left(variables, budget);
    if (a instanceof EvaluationFault) return a;
    const b = middle(variables, budget);
    if (b instanceof EvaluationFault) return b;
    const c = right(variables, budget);
    if (c instanceof EvaluationFault) return c;
    for (const { accepts: [first, second, third], run } of rows) {
      if (first?.(a) && second?.(b) && third?.(c)) return run(budget, a, b, c);
    }
    return noSuchOverload(rows, [a, b, c]);
  };
}
