// SPDX-License-Identifier: Apache-2.0

import { isFault } from "./expression/mod.ts";
import { jsonText } from "./json_text.ts";
import type { Outcome } from "./outcome.ts";

/** An outcome as test reports show it (OC-11): `Retry(delay=30, message=not yet)`. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.type) {
    case "Ok": {
      const text = jsonText(outcome.value, { order: "insertion" });
      return `Ok(data=${isFault(text) ? text.reason : text})`;
    }
    case "Skip":
      return outcome.message ? `Skip (message=${outcome.message})` : "User Skip";
    case "DepSkip":
      return outcome.message
        ? `Dependency Skip (message=${outcome.message})`
        : "Dependency Violation Skip";
    case "Retry":
      return `Retry(delay=${outcome.delaySeconds}${messagePart(", ", outcome.message, "")})`;
    case "PermFail":
      return `Permanent Failure${messagePart(" (", outcome.message, ")")}`;
  }
}

/** An absent message is left out together with the words around it (LANGUAGE.md chapter 0). */
function messagePart(before: string, message: string | undefined, after: string): string {
  return message === undefined ? "" : `${before}message=${message}${after}`;
}
