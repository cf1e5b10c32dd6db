// SPDX-License-Identifier: Apache-2.0

import {
  type Budget,
  compileExpression,
  createBudget,
  type EvaluationFault,
  type Expr,
  isFault,
  type JsonValue,
  parseExpression,
  toJson,
  type Value,
  type Variables,
} from "../../../src/language/mod.ts";

/** The tree of a source that has to be sound. */
export function parsed(source: string): Expr {
  const result = parseExpression(source);
  if (result.type === "parsed") return result.expression;
  throw new TypeError(`Cannot parse ${source}: ${result.faults[0]?.message}`);
}

/** What a source gives. */
export function evaluate(
  source: string,
  variables: Variables = {},
  budget: Budget = createBudget(),
): Value | EvaluationFault {
  return compileExpression(parsed(source), source).evaluate(variables, budget);
}

/** What a source gives, as JSON; throws for a fault. */
export function json(source: string, variables: Variables = {}): JsonValue {
  const value = evaluate(source, variables);
  const made = isFault(value) ? value : toJson(value);
  if (isFault(made)) throw new TypeError(`${source} fails: ${made.code}: ${made.reason}`);
  return made;
}

/** The fault that a source gives; throws when it gives a value. */
export function faultOf(source: string, variables: Variables = {}): EvaluationFault {
  const value = evaluate(source, variables);
  if (isFault(value)) return value;
  throw new TypeError(`${source} gives ${String(value)}`);
}

/** The piece of the source at which the fault stands. */
export function faultyPart(source: string, variables: Variables = {}): string {
  const { start, end } = faultOf(source, variables).span;
  return source.slice(start, end);
}
