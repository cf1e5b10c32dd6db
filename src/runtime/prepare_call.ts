// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, Outcome, ResourceFunction, Value } from "../language/mod.ts";
import { checkPredicates, type Evaluated, localsOf } from "./evaluation.ts";
import type { ResourceIdentity } from "./resource_identity.ts";
import { resourceName } from "./resource_name.ts";
import type { PureContext } from "./run_context.ts";

/** What a call of a ResourceFunction comes to before its first request. */
export type Prepared =
  | { readonly type: "ended"; readonly outcome: Outcome }
  | {
    readonly type: "named";
    readonly inputs: Value;
    readonly locals: Value;
    readonly identity: ResourceIdentity;
  };

const EMPTY: JsonObject = {};

/** RF-30.1 to RF-30.3. */
export function prepareCall(
  fn: ResourceFunction,
  call: { readonly inputs?: Value; readonly location: string },
  run: PureContext,
): Evaluated<Prepared> {
  const inputs = call.inputs ?? EMPTY;
  const { budget } = run;
  const place = `${call.location}:spec.preconditions`;
  const ended = checkPredicates(fn.preconditions, { variables: { inputs }, budget, place });
  if (ended) return { type: "Ok", value: { type: "ended", outcome: ended } };
  const scope = { variables: { inputs }, budget, place: `${call.location}:spec.locals` };
  const locals = localsOf(fn.locals, scope);
  if (locals.type !== "Ok") return locals;
  const variables = { inputs, locals: locals.value };
  const name = resourceName(fn.apiConfig, { variables, budget });
  if (name.type !== "Ok") return name;
  const value = { type: "named", inputs, locals: locals.value, identity: name.value } as const;
  return { type: "Ok", value };
}
