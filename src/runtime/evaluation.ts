// SPDX-License-Identifier: Apache-2.0

import {
  type Budget,
  evaluateLocals,
  evaluatePredicates,
  evaluationFailure,
  isFailure,
  isFault,
  jsonText,
  type Local,
  type NonOk,
  type Ok,
  type Outcome,
  type PermFail,
  type Predicate,
  type PredicatesResult,
  type Template,
  toJson,
  typeName,
  type Value,
  valueText,
  type Variables,
} from "../language/mod.ts";

export { overlayLiteral } from "../language/mod.ts";

/** What an evaluation sees, what it may cost, and what its place is called in texts (EX-41). */
export interface Scope {
  readonly variables: Variables;
  readonly budget: Budget;
  readonly place: string;
}

/** A value, or the outcome that ends what needed it. */
export type Evaluated<T> = Ok<T> | NonOk;

/** Evaluates a template; a failure is the PermFail of EX-41. */
export function evaluate(template: Template, scope: Scope): Ok<Value> | PermFail {
  const value = template.evaluate(scope.variables, scope.budget);
  return isFailure(value) ? evaluationFailure(scope.place, value) : { type: "Ok", value };
}

/** Evaluates a template to JSON; a failure is the PermFail of EX-41. */
export function evaluateJson(template: Template, scope: Scope): Ok | PermFail {
  const value = template.evaluateJson(scope.variables, scope.budget);
  return isFailure(value) ? evaluationFailure(scope.place, value) : { type: "Ok", value };
}

/**
 * Checks a block of predicates.
 *
 * @returns The outcome that ends the Function, or `undefined` when the block passes
 */
export function checkPredicates(
  predicates: readonly Predicate[],
  scope: Scope,
): Outcome | undefined {
  if (predicates.length === 0) return undefined;
  const result = evaluatePredicates(predicates, scope.variables, scope.budget);
  return predicatesOutcome(result, scope.place);
}

/** What a block of predicates means for its Function; `undefined` when it passes. */
export function predicatesOutcome(result: PredicatesResult, place: string): Outcome | undefined {
  switch (result.type) {
    case "pass":
      return undefined;
    case "return":
      return { type: "Ok", value: result.value };
    case "outcome":
      return { ...result.outcome, location: place };
    case "failure":
      return evaluationFailure(place, result.failure);
  }
}

/** Evaluates locals, in the order in which they need each other (VF-10). */
export function localsOf(locals: readonly Local[], scope: Scope): Ok<Value> | PermFail {
  if (locals.length === 0) return NO_LOCALS;
  const value = evaluateLocals(locals, scope.variables, scope.budget);
  return isFailure(value) ? evaluationFailure(scope.place, value) : { type: "Ok", value };
}

const NO_LOCALS: Ok<Value> = { type: "Ok", value: {} };

/** A value in a message: as `string()` gives it, else as JSON, else its type. */
export function shownValue(value: Value): string {
  const text = valueText(value);
  if (!isFault(text)) return text;
  const json = toJson(value);
  const shown = isFault(json) ? json : jsonText(json, { order: "insertion" });
  return isFault(shown) ? typeName(value) : shown;
}
