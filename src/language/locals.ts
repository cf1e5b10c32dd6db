// SPDX-License-Identifier: Apache-2.0

import type { EvaluationFailure, Local } from "./definition.ts";
import { isFailure } from "./evaluation_failure.ts";
import type { Budget, Value, Variables } from "./expression/mod.ts";
import { rawOrBoxed } from "./expression/values/containers.ts";
import { isJson } from "./expression/values/value.ts";
import { type JsonObject, type JsonValue, setOwn } from "./json.ts";

/**
 * Evaluates locals in the order given, which is the order their references need (VF-10).
 *
 * @returns The variable `locals`, or the first failure
 */
export function evaluateLocals(
  locals: readonly Local[],
  variables: Variables,
  budget: Budget,
): Value | EvaluationFailure {
  const made: Record<string, JsonValue> = {};
  const scope: Record<string, Value | undefined> = { ...variables, locals: made as JsonObject };
  for (let index = 0; index < locals.length; index++) {
    const { name, value: template } = locals[index] as Local;
    const value = template.evaluate(scope, budget);
    if (isFailure(value)) return value;
    if (!isJson(value)) return continueBoxed(locals, index, { made, value, scope, budget });
    setOwn(made, name, value);
  }
  return made as JsonObject;
}

interface Progress {
  readonly made: JsonObject;
  readonly value: Value;
  readonly scope: Record<string, Value | undefined>;
  readonly budget: Budget;
}

/** From the first local on that is not JSON, such as a timestamp, their map is a boxed one. */
function continueBoxed(
  locals: readonly Local[],
  index: number,
  { made, value, scope, budget }: Progress,
): Value | EvaluationFailure {
  const entries = new Map(
    Object.entries(made).map(([key, member]) => [key, { key, value: member as Value }] as const),
  );
  const add = (key: string, member: Value) => {
    entries.set(key, { key, value: member });
    scope.locals = rawOrBoxed(entries);
  };
  add(locals[index]?.name ?? "", value);
  for (const { name, value: template } of locals.slice(index + 1)) {
    const next = template.evaluate(scope, budget);
    if (isFailure(next)) return next;
    add(name, next);
  }
  return scope.locals ?? made;
}
