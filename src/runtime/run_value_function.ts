// SPDX-License-Identifier: Apache-2.0

import {
  type Budget,
  evaluateLocals,
  evaluatePredicates,
  evaluationFailure,
  isFailure,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Outcome,
  overlayLiteral,
  type PredicatesResult,
  runQuickly,
  type Value,
  type ValueFunction,
  type Variables,
} from "../language/mod.ts";
import { predicatesOutcome } from "./evaluation.ts";
import type { PureContext } from "./run_context.ts";

/** What a ValueFunction is called with. */
export interface ValueFunctionCall {
  /** Default: `{}`. */
  readonly inputs?: Value;
  /** The target when it runs as an overlay, or the object of a test (VF-5). Default: `{}`. */
  readonly base?: JsonObject;
  /** `<loc>` of its places. */
  readonly location: string;
}

const EMPTY: JsonObject = {};

/**
 * Runs a ValueFunction (VF-6): preconditions, locals, return.
 *
 * Synchronous and without effects. Never throws for what a definition holds.
 */
export function runValueFunction(
  fn: ValueFunction,
  call: ValueFunctionCall,
  run: PureContext,
): Outcome {
  const { inputs = EMPTY, base = EMPTY, location } = call;
  const value = runQuickly(fn, { inputs, base }, run.budget);
  if (value !== undefined) return { type: "Ok", value };
  const variables: Variables = { inputs, resource: base, locals: undefined };
  if (fn.preconditions.length > 0) {
    const result = evaluatePredicates(fn.preconditions, variables, run.budget);
    if (result.type !== "pass") return endedEarly(result, base, `${location}:spec.preconditions`);
  }
  return fn.return === undefined
    ? NOTHING
    : evaluateReturn(fn, { variables, base, location }, run.budget);
}

const NOTHING: Outcome = { type: "Ok", value: null };

function endedEarly(result: PredicatesResult, base: JsonObject, place: string): Outcome {
  const ended = predicatesOutcome(result, place) ?? NOTHING;
  return ended.type === "Ok" ? defaultReturn(ended.value, base) : ended;
}

/** PR-12: a literal map counts as `return` would. */
function defaultReturn(value: JsonValue, base: JsonObject): Outcome {
  return isJsonObject(value) ? { type: "Ok", value: overlayLiteral(base, value) } : NOTHING;
}

/** What a ValueFunction is evaluated with; its places are put into words only when one fails. */
interface ReturnScope {
  readonly variables: Variables;
  readonly base: JsonObject;
  readonly location: string;
}

/** VF-6.3, VF-6.4. */
function evaluateReturn(
  fn: ValueFunction,
  { variables, base, location }: ReturnScope,
  budget: Budget,
): Outcome {
  const locals = fn.locals.length === 0 ? EMPTY : evaluateLocals(fn.locals, variables, budget);
  if (isFailure(locals)) return evaluationFailure(`${location}:spec.locals`, locals);
  const { inputs, resource } = variables;
  const value = fn.return?.apply(base, { inputs, resource, locals }, budget) ?? null;
  return isFailure(value)
    ? evaluationFailure(`${location}:spec.return`, value)
    : { type: "Ok", value };
}
