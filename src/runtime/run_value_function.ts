// SPDX-License-Identifier: Apache-2.0

import {
  evaluationFailure,
  isFailure,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Outcome,
  type Value,
  type ValueFunction,
  type Variables,
} from "../language/mod.ts";
import { checkPredicates, localsOf, overlayLiteral } from "./evaluation.ts";
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
  const variables: Variables = { inputs, resource: base };
  if (fn.preconditions.length > 0) {
    const place = `${location}:spec.preconditions`;
    const ended = checkPredicates(fn.preconditions, { variables, budget: run.budget, place });
    if (ended) return ended.type === "Ok" ? defaultReturn(ended.value, base) : ended;
  }
  return fn.return === undefined ? NOTHING : evaluateReturn(fn, { inputs, base, location }, run);
}

const NOTHING: Outcome = { type: "Ok", value: null };

/** PR-12: a literal map counts as `return` would. */
function defaultReturn(value: JsonValue, base: JsonObject): Outcome {
  return isJsonObject(value) ? { type: "Ok", value: overlayLiteral(base, value) } : NOTHING;
}

/** VF-6.3, VF-6.4. */
function evaluateReturn(
  fn: ValueFunction,
  call: Required<ValueFunctionCall>,
  { budget }: PureContext,
): Outcome {
  const { inputs, base, location } = call;
  const place = `${location}:spec.locals`;
  const locals = localsOf(fn.locals, { variables: { inputs, resource: base }, budget, place });
  if (locals.type !== "Ok") return locals;
  const variables = { inputs, resource: base, locals: locals.value };
  const value = fn.return?.apply(base, variables, budget) ?? null;
  return isFailure(value)
    ? evaluationFailure(`${location}:spec.return`, value)
    : { type: "Ok", value };
}
