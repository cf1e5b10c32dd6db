// SPDX-License-Identifier: Apache-2.0

import {
  type Assertion,
  type ExpectedCondition,
  type ExpectedResource,
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  member,
  type Outcome,
  setOwn,
} from "../language/mod.ts";
import { identityOfObject, type ResourceIdentity, withoutLastApplied } from "../runtime/mod.ts";
import type { Difference } from "./difference.ts";
import { compareExactly } from "./exact_equality.ts";
import { unexpectedWrites, type Verdict } from "./function_assertions.ts";
import { containsText, expectedOutcomeText, outcomeMismatch } from "./outcome_text.ts";
import { resourceName, type Write } from "./recording_cluster.ts";

/** What one run of a Workflow did. */
export interface ObservedWorkflow {
  readonly outcome: Outcome;
  readonly writes: readonly Write[];
  /** The trigger's status after the run. */
  readonly status: JsonObject;
  readonly find: (resource: ResourceIdentity) => JsonObject | undefined;
}

/** Checks all assertions of a case about a Workflow (FW-8 to FW-11); all of them are reported. */
export function checkWorkflowAssertions(
  assertions: readonly Assertion[],
  run: ObservedWorkflow,
): Verdict {
  const messages: string[] = [];
  const differences: Record<string, Difference> = {};
  const outcome = assertions.find((assertion) => assertion.type === "outcome");
  for (const assertion of assertions) {
    const verdict = checkOne(assertion, run);
    messages.push(...verdict.messages);
    for (const [name, difference] of verdict.differences ?? []) {
      setOwn(differences, name, difference);
    }
  }
  const isEqual = Object.keys(differences).length === 0;
  return {
    pass: messages.length === 0 && isEqual,
    ...messages.length === 0 ? {} : { message: messages.join("\n") },
    ...isEqual ? {} : { differences },
    ...outcome?.type === "outcome" ? { expected: () => expectedOutcomeText(outcome.outcome) } : {},
  };
}

interface Findings {
  readonly messages: readonly string[];
  /** Trees by what they are about. */
  readonly differences?: readonly (readonly [string, Difference])[];
}

const NOTHING: Findings = { messages: [] };

function checkOne(assertion: Assertion, run: ObservedWorkflow): Findings {
  switch (assertion.type) {
    case "outcome": {
      const message = outcomeMismatch(assertion.outcome, run.outcome) ??
        (assertion.outcome.type === "Ok" ? unexpectedWrites(run.writes) : undefined);
      return { messages: message === undefined ? [] : [message] };
    }
    case "conditions":
      return { messages: assertion.conditions.flatMap((one) => checkCondition(one, run.status)) };
    case "state":
      return { messages: [], differences: treeOf("state", assertion.state, stateOf(run.status)) };
    case "resources":
      return checkResources(assertion.resources, run);
    case "stable":
      return NOTHING;
    default:
      throw new TypeError(`Cannot check assertion "${assertion.type}" of a Workflow`);
  }
}

/** FW-9. */
function checkCondition(expected: ExpectedCondition, status: JsonObject): readonly string[] {
  const name = expected.condition;
  const found = conditionsOf(status).find((condition) => condition.type === name);
  if (expected.type === "absent") return found ? [`Condition ${name}: unexpected`] : [];
  if (!found) return [`Condition ${name}: missing`];
  const equal = (["status", "reason"] as const).flatMap((key) =>
    expected[key] === undefined || expected[key] === found[key]
      ? []
      : [`Condition ${name}: expected ${key} '\`${expected[key]}\`' but found '\`${found[key]}\`'`]
  );
  const message = typeof found.message === "string" ? found.message : undefined;
  if (expected.message === undefined || containsText(message, expected.message)) return equal;
  return [
    ...equal,
    `Condition ${name}: expected message with '\`${expected.message}\`' but found '\`${message}\`'`,
  ];
}

/** The conditions of a status. */
export function conditionsOf(status: JsonObject): readonly JsonObject[] {
  const conditions = member(status, "conditions");
  return isJsonList(conditions) ? conditions.filter(isJsonObject) : [];
}

/** `status.state`; no state is an empty one. */
export function stateOf(status: JsonObject): JsonObject {
  const state = member(status, "state");
  return isJsonObject(state) ? state : {};
}

/** FW-11. */
function checkResources(expected: readonly ExpectedResource[], run: ObservedWorkflow): Findings {
  const findings = expected.map((entry): Findings => {
    if (entry.type === "absent") {
      const isThere = run.find(entry.identity) !== undefined;
      return { messages: isThere ? [`${resourceName(entry.identity)}: unexpected`] : [] };
    }
    const identity = identityOfObject(entry.object);
    const found = run.find(identity);
    const name = resourceName(identity);
    if (!found) return { messages: [`${name}: missing`] };
    return { messages: [], differences: treeOf(name, entry.object, asStored(found)) };
  });
  return {
    messages: findings.flatMap(({ messages }) => messages),
    differences: findings.flatMap(({ differences = [] }) => differences),
  };
}

/** The object as FW-11 compares it: without what clean-up has emptied, as a server shows it. */
function asStored(object: JsonObject): JsonObject {
  const shown = withoutLastApplied(object);
  const { metadata } = shown;
  if (!isJsonObject(metadata)) return shown;
  const kept = Object.entries(metadata).filter(([key, value]) => !isEmptied(key, value));
  return { ...shown, metadata: Object.fromEntries(kept) };
}

/** What a server does not show when it is empty, and `abandon` may empty (CL-12). */
function isEmptied(key: string, value: JsonValue): boolean {
  if (key === "annotations") return isJsonObject(value) && Object.keys(value).length === 0;
  return key === "ownerReferences" && isJsonList(value) && value.length === 0;
}

function treeOf(
  name: string,
  expected: JsonValue,
  actual: JsonValue,
): readonly (readonly [string, Difference])[] {
  const difference = compareExactly(expected, actual);
  return difference === undefined ? [] : [[name, difference]];
}
