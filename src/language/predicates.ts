// SPDX-License-Identifier: Apache-2.0

import type { EvaluationFailure, Predicate, Template } from "./definition.ts";
import { createFailure, isFailure } from "./evaluation_failure.ts";
import {
  type Budget,
  isFault,
  typeName,
  type Value,
  valueText,
  type Variables,
} from "./expression/mod.ts";
import type { JsonObject } from "./json.ts";
import type { NonOk } from "./outcome.ts";

/** What a block of predicates comes to. Outcomes have no location yet: the caller knows it. */
export type PredicatesResult =
  | { readonly type: "pass" }
  | { readonly type: "return"; readonly value: JsonObject }
  | { readonly type: "outcome"; readonly outcome: NonOk }
  | { readonly type: "failure"; readonly failure: EvaluationFailure };

const PASS: PredicatesResult = { type: "pass" };

/** Checks entries in order up to the first whose `assert` is false (PR-10 to PR-14). */
export function evaluatePredicates(
  predicates: readonly Predicate[],
  variables: Variables,
  budget: Budget,
): PredicatesResult {
  for (const predicate of predicates) {
    const holds = predicate.assert.evaluate(variables, budget);
    if (holds === true) continue;
    if (holds === false) return fire(predicate, variables, budget);
    const failure = isFailure(holds) ? holds : wrongValue(predicate.assert, "bool", holds);
    return { type: "failure", failure };
  }
  return PASS;
}

/** The action of the entry that fires; only its message and delay are evaluated (PR-10). */
function fire(predicate: Predicate, variables: Variables, budget: Budget): PredicatesResult {
  const { action } = predicate;
  if (action.type === "ok") return PASS;
  if (action.type === "defaultReturn") return { type: "return", value: action.value };
  const message = messageOf(action.message, variables, budget);
  if (isFailure(message)) return { type: "failure", failure: message };
  const source = predicate.assert.expression?.place;
  const said = { message, ...(source ? { source } : {}) };
  switch (action.type) {
    case "skip":
      return { type: "outcome", outcome: { type: "Skip", ...said } };
    case "depSkip":
      return { type: "outcome", outcome: { type: "DepSkip", ...said } };
    case "permFail":
      return { type: "outcome", outcome: { type: "PermFail", ...said } };
    case "retry": {
      const delaySeconds = delayOf(action.delaySeconds, variables, budget);
      return isFailure(delaySeconds)
        ? { type: "failure", failure: delaySeconds }
        : { type: "outcome", outcome: { type: "Retry", ...said, delaySeconds } };
    }
  }
}

/** A message as text, converted as by `string()` (PR-9). */
function messageOf(
  template: Template,
  variables: Variables,
  budget: Budget,
): string | EvaluationFailure {
  const value = template.evaluate(variables, budget);
  if (isFailure(value) || typeof value === "string") return value;
  const text = valueText(value);
  return isFault(text) ? wrongValue(template, "string", value) : text;
}

function delayOf(
  template: Template,
  variables: Variables,
  budget: Budget,
): number | EvaluationFailure {
  const value = template.evaluate(variables, budget);
  if (isFailure(value)) return value;
  const isDelay = typeof value === "number" && Number.isInteger(value) && value >= 0;
  return isDelay ? value : wrongValue(template, "whole seconds >= 0", value);
}

/** The failure of a value of a type that the place does not take. */
function wrongValue(
  template: Template,
  expected: string,
  value: Value,
): EvaluationFailure {
  const { expression } = template;
  const found = typeof value === "number" ? `${value}` : typeName(value);
  return createFailure({
    reason: `expected ${expected}, found ${found}`,
    ...(expression ? { expression: expression.source } : {}),
  }, expression?.place);
}
