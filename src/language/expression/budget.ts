// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, fault } from "./fault.ts";

/** How much work an expression and a run may need (LM-7), and how much it may make (LM-8, LM-9). */
export interface BudgetLimits {
  /** Cost units for one expression. */
  readonly expressionCost: number;
  /** Cost units for a run. */
  readonly runCost: number;
}

/** The limits of the language (LM-7). */
export const LIMITS: BudgetLimits = { expressionCost: 1_000_000, runCost: 20_000_000 };

/**
 * The cost counter of one run. Evaluations change it; nothing else does.
 *
 * `left` is what the expression in progress may still spend, `runLeft` what the run may.
 */
export interface Budget {
  /** What it began with. */
  readonly limits: BudgetLimits;
  /** Cost units the expression in progress may still spend. */
  left: number;
  /** Cost units the run may still spend. */
  runLeft: number;
  /** Nodes put into containers by the expression in progress, as counted for LM-9. */
  madeNodes: number;
}

/** A full budget for one run. */
export function createBudget(limits?: Partial<BudgetLimits>): Budget {
  const all = limits ? { ...LIMITS, ...limits } : LIMITS;
  return { limits: all, left: 0, runLeft: all.runCost, madeNodes: 0 };
}

/** The fault of a budget that is used up. */
export function costFault(budget: Budget): EvaluationFault {
  const { expressionCost, runCost } = budget.limits;
  return budget.runLeft < expressionCost
    ? fault("cost-limit-exceeded", `cost-limit-exceeded: the run needs more than ${runCost} units`)
    : fault(
      "cost-limit-exceeded",
      `cost-limit-exceeded: the expression needs more than ${expressionCost} units`,
    );
}
