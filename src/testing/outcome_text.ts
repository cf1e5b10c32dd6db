// SPDX-License-Identifier: Apache-2.0

import {
  type ExpectedOutcome,
  isFault,
  jsonText,
  type JsonValue,
  type Outcome,
  outcomeText,
} from "../language/mod.ts";

/** The text form of an expected outcome: `ok` has no value. */
export function expectedOutcomeText(expected: ExpectedOutcome): string {
  return expected.type === "Ok" ? "Ok" : outcomeText(expected);
}

/** What FT-42 says of an outcome that is not the expected one; `undefined` when it is. */
export function outcomeMismatch(expected: ExpectedOutcome, actual: Outcome): string | undefined {
  if (expected.type === "Ok" && actual.type === "Ok") return undefined;
  if (expected.type === "Ok" || actual.type === "Ok" || expected.type !== actual.type) {
    return `Expected(${expectedOutcomeText(expected)}) Actual(${actualText(actual)})`;
  }
  if (expected.type !== "Retry" || actual.type !== "Retry") {
    return containsText(actual.message, expected.message)
      ? undefined
      : `${actual.type}: Expected(message=${expected.message}) Actual(${
        messagePart("", actual.message)
      })`;
  }
  const delayAgrees = expected.delaySeconds === 0 || expected.delaySeconds === actual.delaySeconds;
  if (delayAgrees && containsText(actual.message, expected.message)) return undefined;
  const found = [
    ...actual.message === undefined ? [] : [`message=${actual.message}`],
    `delay=${actual.delaySeconds}`,
  ];
  return `Retry: Expected(message=${expected.message}, delay=${expected.delaySeconds}) ` +
    `Actual(${found.join(", ")})`;
}

/** Whether `text` contains `part`, ignoring case; an empty part is in everything. */
export function containsText(text: string | undefined, part: string): boolean {
  return (text ?? "").toLowerCase().includes(part.toLowerCase());
}

function actualText(actual: Outcome<JsonValue>): string {
  return actual.type === "Ok" ? `Ok(${valueText(actual.value)})` : outcomeText(actual);
}

function messagePart(before: string, message: string | undefined): string {
  return message === undefined ? "" : `${before}message=${message}`;
}

/** A JSON value on one line, keys in order: `{"a": 1, "b": [true, null]}`. */
export function valueText(value: JsonValue): string {
  const text = jsonText(value, { order: "insertion" });
  return isFault(text) ? text.reason : text;
}

/** So many values of one place are shown: an endless count has no use for all. */
const MAX_VALUES = 6;

/** Values that a place takes in turn: `1 and 2`, and how many more there are. */
export function alternatingText(values: ReadonlySet<string>): string {
  const shown = [...values].slice(0, MAX_VALUES).join(" and ");
  return values.size > MAX_VALUES ? `${shown} and ${values.size - MAX_VALUES} more` : shown;
}
