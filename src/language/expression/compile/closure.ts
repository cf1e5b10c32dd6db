// SPDX-License-Identifier: Apache-2.0

import { type Budget, costFault } from "../budget.ts";
import { EvaluationFault } from "../fault.ts";
import type { Expr, Span } from "../syntax/ast.ts";
import type { Value, Variables } from "../values/value.ts";

/** What an evaluation gives. */
export type Result = Value | EvaluationFault;

/** A compiled node: evaluates itself and all below. */
export type Evaluate = (variables: Variables, budget: Budget) => Result;

/**
 * A compiled node, and how many nodes are evaluated whenever it is (LM-20).
 *
 * Nodes that are not always evaluated are not part of `cost`: they charge for themselves, see
 * {@link charged}. So one subtraction pays for a whole row of nodes.
 */
export interface Compiled {
  readonly evaluate: Evaluate;
  readonly cost: number;
  /** The value of a node that is always the same; such a value is never changed. */
  readonly constant?: Value;
}

/**
 * Where the value of a name bound by a macro lies while the macro runs. An expression never
 * evaluates a part of itself within that part, so one place for each name is enough.
 */
export interface Cell {
  value: Value;
}

/** Who is told the results of a node; `undefined` for most nodes. */
export type WatchNode = (expr: Expr) => ((result: Result) => void) | undefined;

/** The same node, its results told. */
export function watched({ evaluate, cost }: Compiled, see: (result: Result) => void): Compiled {
  const tell: Evaluate = (variables, budget) => {
    const result = evaluate(variables, budget);
    see(result);
    return result;
  };
  return { evaluate: tell, cost };
}

/** What compiling a node needs to know of what is around it. */
export interface CompileContext {
  readonly source: string;
  readonly compile: (expr: Expr) => Compiled;
  /** The cell of a name that a macro binds here. */
  cellOf(name: string): Cell | undefined;
  /** The same with one more name bound. */
  bind(name: string, cell: Cell): CompileContext;
}

/** The evaluation of a node that is not always evaluated: it pays for itself. */
export function charged({ evaluate, cost }: Compiled): Evaluate {
  return (variables, budget) =>
    (budget.left -= cost) < 0 ? costFault(budget) : evaluate(variables, budget);
}

/** Compiles nodes that are always evaluated together. */
export function compileAll(exprs: readonly Expr[], context: CompileContext): readonly Compiled[] {
  return exprs.map((expr) => context.compile(expr));
}

/** What nodes that are always evaluated together cost. */
export function sumOfCosts(compiled: readonly Compiled[]): number {
  return compiled.reduce((sum, { cost }) => sum + cost, 0);
}

/** The same, with `span` as the place of faults that have none. */
export function placed(evaluate: Evaluate, span: Span): Evaluate {
  return (variables, budget) => {
    const result = evaluate(variables, budget);
    return result instanceof EvaluationFault ? result.at(span) : result;
  };
}
