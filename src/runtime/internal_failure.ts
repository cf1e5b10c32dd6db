// SPDX-License-Identifier: Apache-2.0

import { errorText } from "./error_text.ts";
import type { Retry } from "../language/mod.ts";
import type { WorkflowScope } from "./workflow_scope.ts";

/**
 * The outcome of a step that failed in a way nobody foresaw (WF-36). Throws the reason of the
 * signal when the run was aborted: that is no outcome.
 */
export function internalFailure(error: unknown, label: string, scope: WorkflowScope): Retry {
  const { signal } = scope.run;
  if (signal.aborted && !scope.isOver()) throw signal.reason;
  const text = errorText(error);
  return {
    type: "Retry",
    delaySeconds: 60,
    message: `Unknown error (${text}) running Step (${label}), will retry.`,
    location: scope.root,
  };
}

/** The outcome of a step, or of an item `<label>-<i>`, that is not done in time (WF-37). */
export function timeout(label: string, scope: Pick<WorkflowScope, "root">): Retry {
  return {
    type: "Retry",
    delaySeconds: 30,
    message: `Timeout running step (${label}), will retry.`,
    location: scope.root,
  };
}
