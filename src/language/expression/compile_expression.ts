// SPDX-License-Identifier: Apache-2.0

import { type Budget, costFault } from "./budget.ts";
import { rootContext } from "./compile/compile_node.ts";
import { EvaluationFault } from "./fault.ts";
import type { Expr } from "./syntax/ast.ts";
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
}

/**
 * Compiles a parsed expression to closures.
 *
 * The closures hold neither the syntax tree nor anything of a former evaluation.
 *
 * @param expression What `parseExpression` gave for `source`
 * @param source The text of the expression: faults cite it
 */
export function compileExpression(expression: Expr, source: string): CompiledExpression {
  const { evaluate, cost } = rootContext(source).compile(expression);
  const { span } = expression;
  return {
    source,
    evaluate(variables, budget) {
      const allowance = Math.min(budget.limits.expressionCost, budget.runLeft);
      budget.madeNodes = 0;
      budget.left = allowance - cost;
      const result = budget.left < 0 ? costFault(budget) : evaluate(variables, budget);
      budget.runLeft -= allowance - budget.left;
      const final = budget.left < 0 ? exhausted(result, budget) : result;
      return final instanceof EvaluationFault ? final.at(span) : final;
    },
  };
}

/** What is used up counts for more than what came of it, even where that was absorbed. */
function exhausted(result: Value | EvaluationFault, budget: Budget): EvaluationFault {
  const isTold = result instanceof EvaluationFault &&
    (result.code === "cost-limit-exceeded" || result.code === "pattern-too-costly");
  return isTold ? result : costFault(budget);
}
