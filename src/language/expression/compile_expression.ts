// SPDX-License-Identifier: Apache-2.0

import type { Expr } from "./syntax/ast.ts";
import type { Budget } from "./budget.ts";
import type { EvaluationFault } from "./fault.ts";
import type { Value, Variables } from "./values/value.ts";

/** An expression ready to be evaluated any number of times. */
export interface CompiledExpression {
  readonly source: string;
  /** Evaluates; a fault is returned, never thrown. */
  evaluate(variables: Variables, budget: Budget): Value | EvaluationFault;
}

/** Compiles a parsed expression to closures. */
export function compileExpression(_expression: Expr, _source: string): CompiledExpression {
  throw new TypeError("Cannot compile yet");
}
