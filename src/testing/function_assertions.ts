// SPDX-License-Identifier: Apache-2.0

import {
  type Assertion,
  type JsonObject,
  type JsonValue,
  type Outcome,
  outcomeText,
} from "../language/mod.ts";
import { lastAppliedOf, withoutLastApplied } from "../runtime/mod.ts";
import { compareExactly } from "./exact_equality.ts";
import type { Difference } from "./difference.ts";
import { expectedOutcomeText, outcomeMismatch } from "./outcome_text.ts";
import { resourceName, type Write } from "./recording_cluster.ts";

/** What one run of a Function did. */
export interface FunctionRun {
  readonly outcome: Outcome;
  readonly writes: readonly Write[];
}

/** Whether an assertion holds, and what to say about it. */
export interface Verdict {
  readonly pass: boolean;
  readonly message?: string;
  readonly differences?: Difference;
  /** The expected outcome as text; rendered only for who reads it. */
  readonly expected?: () => string;
}

const PASS: Verdict = { pass: true };

/** Checks the assertion of a case about a Function (FT-40 to FT-44). */
export function checkFunctionAssertion(assertion: Assertion, run: FunctionRun): Verdict {
  switch (assertion.type) {
    case "resource":
      return { expected: () => "Retry", ...checkResource(assertion.object, run) };
    case "return":
      return checkReturn(assertion.value, run);
    case "outcome":
      return {
        expected: () => expectedOutcomeText(assertion.outcome),
        ...checkOutcome(assertion, run),
      };
    case "delete":
      return checkDelete(assertion.expected, run);
    default:
      throw new TypeError(`Cannot check assertion "${assertion.type}" of a Function`);
  }
}

/** FT-40. */
function checkResource(expected: JsonObject, run: FunctionRun): Verdict {
  const write = run.writes.findLast((candidate) => candidate.type !== "delete");
  if (!write) {
    const reason = run.outcome.type === "Ok" ? "unexpected Ok result" : run.outcome.message;
    const because = reason === undefined ? "" : `: ${reason}`;
    return { pass: false, message: `No resource changes attempted${because}` };
  }
  if (run.outcome.type !== "Retry") {
    const text = outcomeText(run.outcome);
    return { pass: false, message: `Unexpected result-type (${text}), but expected Retry` };
  }
  return verdictOf(compareExactly(expected, writtenObject(write)));
}

/** FT-41. */
function checkReturn(expected: JsonValue, run: FunctionRun): Verdict {
  const text = () => outcomeText({ type: "Ok", value: expected });
  if (run.outcome.type !== "Ok") {
    const message = `Non-Ok return value (${outcomeText(run.outcome)})`;
    return { pass: false, message, expected: text };
  }
  const message = unexpectedWrites(run.writes);
  if (message) return { pass: false, message, expected: text };
  return { expected: text, ...verdictOf(compareExactly(expected, run.outcome.value)) };
}

/** FT-42, FT-43. */
function checkOutcome(
  assertion: Extract<Assertion, { readonly type: "outcome" }>,
  run: FunctionRun,
): Verdict {
  const message = outcomeMismatch(assertion.outcome, run.outcome) ??
    (assertion.outcome.type === "Ok" ? unexpectedWrites(run.writes) : undefined);
  return message === undefined ? PASS : { pass: false, message };
}

/** FT-44. The message stands at passing cases too. */
function checkDelete(expected: boolean, run: FunctionRun): Verdict {
  const called = run.writes.some((write) => write.type === "delete");
  return { pass: called === expected, message: called ? "Delete called" : "Delete not called." };
}

/** What is wrong when nothing should have been written. */
export function unexpectedWrites(writes: readonly Write[]): string | undefined {
  if (writes.length === 0) return undefined;
  const what = writes.map((write) => `${write.type} ${resourceName(write.resource)}`);
  return `Resource changes attempted: ${what.join(", ")}`;
}

function verdictOf(differences: Difference | undefined): Verdict {
  return differences === undefined ? PASS : { pass: false, differences };
}

/**
 * What a write would leave, as `expectResource` sees it (FT-40): for a patch the object before
 * it with its top-level keys replaced by those of the prepared target. That is what the
 * last-applied annotation says (RF-60): the body holds the removals of DF-30 besides, as `null`
 * like any `null` of the target.
 */
function writtenObject(write: Exclude<Write, { readonly type: "delete" }>): JsonObject {
  return write.type === "create"
    ? withoutLastApplied(write.body)
    : withoutLastApplied({ ...write.before, ...(lastAppliedOf(write.body) ?? write.body) });
}
