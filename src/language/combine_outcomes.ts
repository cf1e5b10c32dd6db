// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "./json.ts";
import type { NonOk, Ok, Outcome, PermFail, Retry } from "./outcome.ts";

/**
 * Combines the outcomes of a sequence (OC-6 to OC-10): the strongest kind wins, and all outcomes
 * of that kind are told. No outcomes at all combine to a `Skip` without message.
 */
export function combineOutcomes<T = JsonValue>(
  outcomes: readonly Outcome<T>[],
): Ok<readonly T[]> | NonOk {
  const failures = outcomes.filter((outcome) => outcome.type === "PermFail");
  if (failures.length > 0) return { type: "PermFail", ...joined(failures) };
  const retries = outcomes.filter((outcome) => outcome.type === "Retry");
  if (retries.length > 0) {
    const delaySeconds = Math.max(...retries.map((retry) => retry.delaySeconds));
    return { type: "Retry", ...joined(retries), delaySeconds };
  }
  const values = outcomes.flatMap((outcome) => outcome.type === "Ok" ? [outcome.value] : []);
  if (values.length > 0) return { type: "Ok", value: values };
  return outcomes.findLast((outcome) => outcome.type === "Skip") ??
    outcomes.findLast((outcome) => outcome.type === "DepSkip") ?? { type: "Skip" };
}

/** Messages and locations in order; the source is that of the first outcome that has one. */
function joined(
  outcomes: readonly (PermFail | Retry)[],
): Pick<PermFail, "message" | "location" | "source"> {
  const messages = outcomes.flatMap(({ message }) => message ?? []);
  const locations = outcomes.flatMap(({ location }) => location ?? []);
  const source = outcomes.find((outcome) => outcome.source !== undefined)?.source;
  return {
    ...(messages.length > 0 ? { message: messages.join(", ") } : {}),
    ...(locations.length > 0 ? { location: locations.join(", ") } : {}),
    ...(source ? { source } : {}),
  };
}
