// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, Outcome } from "../language/mod.ts";

/** A condition before it has times and a generation (ST-3 to ST-7). */
export interface Condition {
  /** What it is about. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: "True" | "False" | "Unknown";
  /** The outcome in one word. */
  readonly reason: string;
  /** The outcome in a sentence. */
  readonly message: string;
  /** `null` if there is none. */
  readonly location: string | null;
}

/** What a condition is about. */
export interface ConditionSubject {
  readonly type: string;
  readonly name: string;
  /** Name of the Workflow that the trigger runs. */
  readonly workflow: string;
}

/** The condition that reports an outcome. */
export function conditionOf(outcome: Outcome, subject: ConditionSubject): Condition {
  const { type, name, workflow } = subject;
  if (outcome.type === "Ok") {
    const message = `${name} ready.`;
    return { type, status: "True", reason: "Ready", message, location: workflow };
  }
  const location = outcome.location ?? null;
  const { message } = outcome;
  switch (outcome.type) {
    case "Skip": {
      const text = message === undefined
        ? `${name} management is disabled.`
        : `Skipping ${name}: ${message}`;
      return { type, status: "True", reason: "Skip", message: text, location };
    }
    case "DepSkip": {
      const end = message === undefined ? "." : inParentheses(message);
      const text = `${name} awaiting dependencies to be ready${end}`;
      return { type, status: "Unknown", reason: "DepSkip", message: text, location };
    }
    case "Retry": {
      const text = `Awaiting ${name} to be ready${inParentheses(message)}.`;
      return { type, status: "False", reason: "Wait", message: text, location };
    }
    case "PermFail": {
      const text = `Unrecoverable error reconciling ${name}.${inParentheses(message)}`;
      const end = message === undefined ? "" : ".";
      return { type, status: "False", reason: "Failure", message: text + end, location };
    }
  }
}

function inParentheses(message: string | undefined): string {
  return message === undefined ? "" : ` (${message})`;
}

/** The conditions as a list for a status; of two with one type the later replaces the earlier. */
export function mergedByType<T extends JsonObject | Condition>(
  conditions: readonly T[],
): readonly T[] {
  const merged = new Map<unknown, T>();
  for (const condition of conditions) merged.set(condition.type, condition);
  return [...merged.values()];
}
