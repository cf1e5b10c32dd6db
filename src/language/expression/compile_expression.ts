// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../json.ts";
import { type Budget, costFault } from "./budget.ts";
import type { Compiled, Evaluate, WatchNode } from "./compile/closure.ts";
import { rootContext } from "./compile/compile_node.ts";
import { EvaluationFault, isFault } from "./fault.ts";
import type { Expr, Span } from "./syntax/ast.ts";
import { toJson } from "./values/to_json.ts";
import type { Value, Variables } from "./values/value.ts";

/** An expression ready to be evaluated any number of times. */
export interface CompiledExpression {
  readonly source: string;
  /**
   * Evaluates with these variables and charges the work to `budget`.
   *
   * A fault is returned, never thrown. The value may share parts with the variables and with other
   * results: it must not be changed.
   */
  evaluate(variables: Variables, budget: Budget): Value | EvaluationFault;
  /** The same, with the value as JSON (EX-21); a fault for what cannot become JSON (EX-22). */
  evaluateJson(variables: Variables, budget: Budget): JsonValue | EvaluationFault;
}

/**
 * Compiles a parsed expression to closures.
 *
 * The closures hold neither the syntax tree nor anything of a former evaluation.
 *
 * @param expression What `parseExpression` gave for `source`
 * @param source The text of the expression: faults cite it
 * @param watch Nodes whose results are to be told, and to whom
 */
export function compileExpression(
  expression: Expr,
  source: string,
  watch?: WatchNode,
): CompiledExpression {
  return new Expression(source, expression.span, rootContext(source, watch).compile(expression));
}

/** Whether an expression is evaluated as it is, and nobody is told what its parts come to. */
export function isUnwatched(expression: CompiledExpression): boolean {
  return expression instanceof Expression;
}

/** Thousands of them stay in memory: methods, so that each is one object and its closures. */
class Expression implements CompiledExpression {
  private readonly run: Evaluate;
  private readonly cost: number;

  constructor(readonly source: string, private readonly span: Span, compiled: Compiled) {
    this.run = compiled.evaluate;
    this.cost = compiled.cost;
  }

  evaluate(variables: Variables, budget: Budget): Value | EvaluationFault {
    const { limits: { expressionCost }, runLeft } = budget;
    const allowance = expressionCost < runLeft ? expressionCost : runLeft;
    budget.madeNodes = 0;
    budget.left = allowance - this.cost;
    const result = budget.left < 0 ? costFault(budget) : this.run(variables, budget);
    const { left } = budget;
    budget.runLeft = runLeft - allowance + left;
    if (left >= 0 && (typeof result !== "object" || !isFault(result))) return result;
    return (left < 0 ? exhausted(result, budget) : result as EvaluationFault).at(this.span);
  }

  evaluateJson(variables: Variables, budget: Budget): JsonValue | EvaluationFault {
    const value = this.evaluate(variables, budget);
    return typeof value === "string" || isFault(value) ? value : toJson(value);
  }
}

/** What is used up counts for more than what came of it, even where that was absorbed. */
function exhausted(result: Value | EvaluationFault, budget: Budget): EvaluationFault {
  const isTold = result instanceof EvaluationFault &&
    (result.code === "cost-limit-exceeded" || result.code === "pattern-too-costly");
  return isTold ? result : costFault(budget);
}
