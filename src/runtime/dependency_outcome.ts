// SPDX-License-Identifier: Apache-2.0

import type { DepSkip, NonOk } from "../language/mod.ts";

/** The words of 11.6. */
const WORDS: Readonly<Record<NonOk["type"], string>> = {
  DepSkip: "is waiting on dependency",
  Skip: "was skipped",
  Retry: "is waiting",
  PermFail: "is in failure state",
};

/** The outcome of a step whose dependency `label` has no value (WF-51 to WF-54, OC-12). */
export function dependencyOutcome(label: string, outcome: NonOk, location: string): DepSkip {
  const place = outcome.location === undefined ? "" : ` at ${outcome.location}`;
  const why = outcome.message === undefined ? "" : ` (${outcome.message}${place})`;
  return {
    type: "DepSkip",
    message: `'${label}' ${WORDS[outcome.type]}${why}.`,
    location,
    rootedInSkip: isRootedInSkip(outcome),
    ...(outcome.source ? { source: outcome.source } : {}),
  };
}

/** Whether an outcome is a Skip, or a DepSkip because of one (OC-12). */
export function isRootedInSkip(outcome: NonOk): boolean {
  return outcome.type === "Skip" || outcome.type === "DepSkip" && outcome.rootedInSkip === true;
}
