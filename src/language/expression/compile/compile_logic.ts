// SPDX-License-Identifier: Apache-2.0

import { EvaluationFault, fault } from "../fault.ts";
import type { Conditional, Logical, Span, Unary } from "../syntax/ast.ts";
import { negate } from "../values/arithmetic.ts";
import { typeName, type Value } from "../values/value.ts";
import {
  charged,
  compileAll,
  type CompileContext,
  type Compiled,
  type Evaluate,
} from "./closure.ts";

/** `!a` and `-a`. */
export function compileUnary(
  { operator, operand, span }: Unary,
  context: CompileContext,
): Compiled {
  const { evaluate, cost } = context.compile(operand);
  const apply = operator === "!" ? not : negate;
  return {
    evaluate(variables, budget) {
      const value = evaluate(variables, budget);
      if (value instanceof EvaluationFault) return value;
      const result = apply(value);
      return result instanceof EvaluationFault ? result.at(span) : result;
    },
    cost: cost + 1,
  };
}

function not(value: Value): boolean | EvaluationFault {
  return typeof value === "boolean"
    ? !value
    : fault("no-such-overload", `no such overload: !${typeName(value)}`);
}

/**
 * `a && b && c` and `a || b || c` (EX-33): the first operand that decides gives the result; a fault
 * before it does not count, one without it does.
 */
export function compileLogical(expr: Logical, context: CompileContext): Compiled {
  const { operator, operands } = expr;
  const [first, ...rest] = compileAll(operands, context);
  if (first === undefined) throw new TypeError("Cannot compile a row without operands");
  const tests = [first.evaluate, ...rest.map(charged)];
  const spans = operands.map(({ span }) => span);
  return { evaluate: decideOf(tests, { operator, spans }), cost: first.cost + 1 };
}

interface LogicalForm {
  readonly operator: "&&" | "||";
  /** Where the operands stand. */
  readonly spans: readonly Span[];
}

function notBool(value: Value, operator: string, span: Span | undefined): EvaluationFault {
  const reason = `no such overload: ${operator} takes bool operands, not ${typeName(value)}`;
  const failed = fault("no-such-overload", reason);
  return span === undefined ? failed : failed.at(span);
}

function decideOf(tests: readonly Evaluate[], { operator, spans }: LogicalForm): Evaluate {
  const decisive = operator === "||";
  return (variables, budget) => {
    let failed: EvaluationFault | undefined;
    for (let index = 0; index < tests.length; index++) {
      const value = (tests[index] as Evaluate)(variables, budget);
      if (value === decisive) return decisive;
      if (value === !decisive) continue;
      if (value instanceof EvaluationFault) failed ??= value;
      else failed ??= notBool(value, operator, spans[index]);
    }
    return failed ?? !decisive;
  };
}

/** `condition ? then : otherwise`: only the branch taken is evaluated. */
export function compileConditional(expr: Conditional, context: CompileContext): Compiled {
  const condition = context.compile(expr.condition);
  const test = condition.evaluate;
  const then = charged(context.compile(expr.then));
  const otherwise = charged(context.compile(expr.otherwise));
  const { span } = expr.condition;
  return {
    evaluate(variables, budget) {
      const value = test(variables, budget);
      if (value === true) return then(variables, budget);
      if (value === false) return otherwise(variables, budget);
      if (value instanceof EvaluationFault) return value;
      const reason = `no such overload: the condition must be a bool, not ${typeName(value)}`;
      return fault("no-such-overload", reason).at(span);
    },
    cost: condition.cost + 1,
  };
}
