// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, fault } from "../fault.ts";
import { addTimes, subtractTimes } from "../time/time_arithmetic.ts";
import { isList, itemsOf, listOf, type ListValue } from "./containers.ts";
import { CelDouble, CelUint, double, isIntNumber, typeName, type Value } from "./value.ts";
import { int, MAX_UINT } from "./whole_numbers.ts";

/** The operators of arithmetic. */
export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

type Result = Value | EvaluationFault;

/**
 * Arithmetic of all operand types (EX-32); the compiler has its own short ways for small ints and
 * strings.
 */
export function calculate(operator: ArithmeticOperator, a: Value, b: Value): Result {
  const left = asInt(a);
  const right = asInt(b);
  if (left !== undefined && right !== undefined) return ofInts(operator, left, right);
  if (a instanceof CelUint && b instanceof CelUint) return ofUints(operator, a.value, b.value);
  const x = asDouble(a);
  const y = asDouble(b);
  if (x !== undefined && y !== undefined && operator !== "%") {
    return double(ofDoubles(operator, x, y));
  }
  return ofOthers(operator, a, b) ?? noOverload(operator, a, b);
}

function asInt(value: Value): bigint | undefined {
  if (typeof value === "bigint") return value;
  return typeof value === "number" && isIntNumber(value) ? BigInt(value) : undefined;
}

function asDouble(value: Value): number | undefined {
  if (value instanceof CelDouble) return value.value;
  return typeof value === "number" && !isIntNumber(value) ? value : undefined;
}

function ofInts(operator: ArithmeticOperator, a: bigint, b: bigint): Result {
  const result = ofWhole(operator, a, b);
  return typeof result === "bigint" ? int(result) : result;
}

function ofUints(operator: ArithmeticOperator, a: bigint, b: bigint): Result {
  const result = ofWhole(operator, a, b);
  if (typeof result !== "bigint") return result;
  return result >= 0n && result <= MAX_UINT
    ? new CelUint(result)
    : fault("overflow", `overflow: ${result} is no 64-bit uint`);
}

/** BigInt division truncates toward zero, and the remainder has the sign of `a`, as CEL wants. */
function ofWhole(operator: ArithmeticOperator, a: bigint, b: bigint): bigint | EvaluationFault {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0n ? fault("division-by-zero", "division by zero") : a / b;
    case "%":
      return b === 0n ? fault("division-by-zero", "modulus by zero") : a % b;
  }
}

function ofDoubles(operator: Exclude<ArithmeticOperator, "%">, a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
  }
}

function ofOthers(operator: ArithmeticOperator, a: Value, b: Value): Result | undefined {
  if (operator === "-") return subtractTimes(a, b);
  if (operator !== "+") return undefined;
  if (typeof a === "string" && typeof b === "string") return a + b;
  if (isList(a) && isList(b)) return concatenate(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return joinBytes(a, b);
  return addTimes(a, b);
}

function concatenate(a: ListValue, b: ListValue): ListValue {
  if (Array.isArray(a) && Array.isArray(b)) return a.concat(b);
  return listOf([...itemsOf(a), ...itemsOf(b)]);
}

function joinBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** `-a`. */
export function negate(a: Value): Result {
  const whole = asInt(a);
  if (whole !== undefined) return int(-whole);
  const x = asDouble(a);
  return x !== undefined
    ? double(-x)
    : fault("no-such-overload", `no such overload: -${typeName(a)}`);
}

/** The fault of an operator between types that do not go together. */
export function noOverload(operator: string, a: Value, b: Value): EvaluationFault {
  return fault("no-such-overload", `no such overload: ${typeName(a)} ${operator} ${typeName(b)}`);
}
