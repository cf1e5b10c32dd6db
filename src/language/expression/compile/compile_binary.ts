// SPDX-License-Identifier: Apache-2.0

import { type Budget, costFault } from "../budget.ts";
import { EvaluationFault } from "../fault.ts";
import type { Binary, BinaryOperator, Span } from "../syntax/ast.ts";
import { checkText } from "../values/measure.ts";
import { operate } from "./binary_operators.ts";
import type { CompileContext, Compiled, Evaluate, Result } from "./closure.ts";
import { folded } from "./constants.ts";

/** `left operator right`, for every operator that evaluates both sides. */
export function compileBinary(expr: Binary, context: CompileContext): Compiled {
  const left = context.compile(expr.left);
  const right = context.compile(expr.right);
  const slow = longWay(expr.operator, expr.span);
  const cost = left.cost + right.cost + 1;
  return folded({ evaluate: shortWay(expr.operator, { left, right }, slow), cost }, [left, right]);
}

interface Sides {
  readonly left: Compiled;
  readonly right: Compiled;
}

/** The operator for operands of all types, faults included. */
type LongWay = (a: Result, b: Result, budget: Budget) => Result;

function longWay(operator: BinaryOperator, span: Span): LongWay {
  return (a, b, budget) => {
    if (a instanceof EvaluationFault) return a;
    if (b instanceof EvaluationFault) return b;
    const result = operate(operator, [a, b], budget);
    if (result instanceof EvaluationFault) return result.at(span);
    return budget.left < 0 ? costFault(budget) : result;
  };
}

/** The usual operands of the usual operators are handled on the spot. */
function shortWay(operator: BinaryOperator, sides: Sides, slow: LongWay): Evaluate {
  switch (operator) {
    case "+":
      return plus(sides, slow);
    case "-":
      return minus(sides, slow);
    case "*":
      return times(sides, slow);
    case "/":
      return dividedBy(sides, slow);
    case "==":
      return equal(sides, slow);
    case "!=":
      return unequal(sides, slow);
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compared(operator, sides, slow);
    default:
      return always(sides, slow);
  }
}

function always({ left: { evaluate: left }, right: { evaluate: right } }: Sides, slow: LongWay) {
  const evaluate: Evaluate = (variables, budget) =>
    slow(left(variables, budget), right(variables, budget), budget);
  return evaluate;
}

function plus(
  { left: { evaluate: left, constant: leftConstant }, right: { evaluate: right, constant } }: Sides,
  slow: LongWay,
): Evaluate {
  return (variables, budget) => {
    const a = leftConstant === undefined ? left(variables, budget) : leftConstant;
    const b = constant === undefined ? right(variables, budget) : constant;
    if (typeof a === "string" && typeof b === "string") return checkText(a + b, budget);
    if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
      const sum = (a as number) + (b as number);
      if (Number.isSafeInteger(sum)) return sum + 0;
    }
    return slow(a, b, budget);
  };
}

function minus(
  { left: { evaluate: left }, right: { evaluate: right, constant } }: Sides,
  slow: LongWay,
): Evaluate {
  return (variables, budget) => {
    const a = left(variables, budget);
    const b = constant === undefined ? right(variables, budget) : constant;
    if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
      const difference = (a as number) - (b as number);
      if (Number.isSafeInteger(difference)) return difference + 0;
    }
    return slow(a, b, budget);
  };
}

function times(
  { left: { evaluate: left }, right: { evaluate: right, constant } }: Sides,
  slow: LongWay,
): Evaluate {
  return (variables, budget) => {
    const a = left(variables, budget);
    const b = constant === undefined ? right(variables, budget) : constant;
    if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
      const product = (a as number) * (b as number);
      if (Number.isSafeInteger(product)) return product + 0;
    }
    return slow(a, b, budget);
  };
}

/** The remainder goes off first: what is left divides exactly, however large it is. */
function dividedBy(
  { left: { evaluate: left }, right: { evaluate: right, constant } }: Sides,
  slow: LongWay,
): Evaluate {
  return (variables, budget) => {
    const a = left(variables, budget);
    const b = constant === undefined ? right(variables, budget) : constant;
    if (Number.isSafeInteger(a) && Number.isSafeInteger(b) && b !== 0) {
      const dividend = a as number;
      const divisor = b as number;
      return (dividend - dividend % divisor) / divisor + 0;
    }
    return slow(a, b, budget);
  };
}

/** Texts from this length on cost something to compare. */
const LONG_TEXT = 10;

/** Whether two scalars of one JavaScript type stand here, which `===` compares as CEL does. */
function areAlike(a: Result, b: Result): boolean {
  if (typeof a === "object" || typeof a !== typeof b) return false;
  return typeof a !== "string" || a.length < LONG_TEXT;
}

function equal(
  { left: { evaluate: left }, right: { evaluate: right, constant } }: Sides,
  slow: LongWay,
): Evaluate {
  return (variables, budget) => {
    const a = left(variables, budget);
    const b = constant === undefined ? right(variables, budget) : constant;
    return areAlike(a, b) ? a === b : slow(a, b, budget);
  };
}

function unequal(
  { left: { evaluate: left }, right: { evaluate: right, constant } }: Sides,
  slow: LongWay,
): Evaluate {
  return (variables, budget) => {
    const a = left(variables, budget);
    const b = constant === undefined ? right(variables, budget) : constant;
    return areAlike(a, b) ? a !== b : slow(a, b, budget);
  };
}

/** One closure for each operator: a table of functions would cost a call each time. */
function compared(
  operator: "<" | "<=" | ">" | ">=",
  { left: { evaluate: left }, right: { evaluate: right, constant } }: Sides,
  slow: LongWay,
): Evaluate {
  switch (operator) {
    case "<":
      return (variables, budget) => {
        const a = left(variables, budget);
        const b = constant === undefined ? right(variables, budget) : constant;
        return typeof a === "number" && typeof b === "number" ? a < b : slow(a, b, budget);
      };
    case "<=":
      return (variables, budget) => {
        const a = left(variables, budget);
        const b = constant === undefined ? right(variables, budget) : constant;
        return typeof a === "number" && typeof b === "number" ? a <= b : slow(a, b, budget);
      };
    case ">":
      return (variables, budget) => {
        const a = left(variables, budget);
        const b = constant === undefined ? right(variables, budget) : constant;
        return typeof a === "number" && typeof b === "number" ? a > b : slow(a, b, budget);
      };
    case ">=":
      return (variables, budget) => {
        const a = left(variables, budget);
        const b = constant === undefined ? right(variables, budget) : constant;
        return typeof a === "number" && typeof b === "number" ? a >= b : slow(a, b, budget);
      };
  }
}
