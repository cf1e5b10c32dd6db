// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, Outcome } from "../../src/language/mod.ts";

/** An outcome in the words of the case files: `delay` for our `delaySeconds`. */
export function outcomeShape(outcome: Outcome): JsonObject {
  if (outcome.type === "Ok") return { type: "Ok", value: outcome.value };
  return {
    type: outcome.type,
    message: outcome.message ?? null,
    ...outcome.type === "Retry" ? { delay: outcome.delaySeconds } : {},
    location: outcome.location ?? null,
  };
}
