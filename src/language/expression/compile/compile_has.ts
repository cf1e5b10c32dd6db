// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { EvaluationFault } from "../fault.ts";
import type { Expr, Has, Index, Select } from "../syntax/ast.ts";
import type { Variables } from "../values/value.ts";
import { isPlainKey, present, readMember } from "./access.ts";
import type { CompileContext, Compiled, Evaluate, Result } from "./closure.ts";
import { isVariable, variableOr } from "./compile_name.ts";

/** Evaluates as far as there is something; `undefined` when there is not. */
type Probe = (variables: Variables, budget: Budget) => Result | undefined;

/** `has(chain)` (EX-39a): whether the last access of the chain succeeds. */
export function compileHas({ chain }: Has, context: CompileContext): Compiled {
  const steps = stepsOf(chain);
  const base = probeBase(steps.base, context);
  const keys = steps.accesses.map((access) => probeKey(access, context));
  const costs = [base.cost, ...keys.map((key) => key.cost + 1)];
  const [only] = steps.accesses;
  if (steps.accesses.length === 1 && only?.type === "select" && isPlainKey(only.name)) {
    return { evaluate: testMember(base.probe, only.name), cost: base.cost + 2 };
  }
  return {
    evaluate: testChain(base.probe, keys.map((key) => key.evaluate)),
    cost: costs.reduce((sum, cost) => sum + cost, 1),
  };
}

/** `has(variable.key)`, the usual form, without a loop. */
function testMember(base: Probe, key: string): Evaluate {
  return (variables, budget) => {
    const value = base(variables, budget);
    if (value === undefined) return false;
    if (value instanceof EvaluationFault) return value;
    return readMember(value, key) !== undefined || present(value, key) !== undefined;
  };
}

function testChain(base: Probe, keys: readonly Evaluate[]): Evaluate {
  return (variables, budget) => {
    let value = base(variables, budget);
    for (const key of keys) {
      if (value === undefined || value instanceof EvaluationFault) break;
      const at = key(variables, budget);
      value = at instanceof EvaluationFault ? at : present(value, at);
    }
    return value instanceof EvaluationFault ? value : value !== undefined;
  };
}

/** Written as a loop: a chain may be as long as an expression. */
function stepsOf(chain: Has["chain"]): { base: Expr; accesses: readonly (Select | Index)[] } {
  const accesses: (Select | Index)[] = [];
  let base: Expr = chain;
  while (base.type === "select" || base.type === "index") {
    accesses.push(base);
    base = base.operand;
  }
  return { base, accesses: accesses.reverse() };
}

/** A variable that does not exist makes has() false; whatever else fails is a fault. */
function probeBase(base: Expr, context: CompileContext): { probe: Probe; cost: number } {
  if (base.type === "name" && isVariable(base, context)) {
    return { probe: variableOr(base.name, () => undefined), cost: 1 };
  }
  const { evaluate, cost } = context.compile(base);
  return { probe: evaluate, cost };
}

function probeKey(access: Select | Index, context: CompileContext): Compiled {
  if (access.type === "index") return context.compile(access.index);
  const { name } = access;
  return { evaluate: () => name, cost: 0 };
}
