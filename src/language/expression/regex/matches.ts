// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { type EvaluationFault, fault } from "../fault.ts";

/** Whether some part of `text` matches `pattern` (FN-8). */
export function matches(_t: string, _p: string, _b: Budget): boolean | EvaluationFault {
  return fault("bad-pattern", "no patterns yet");
}
export function patternProblem(_p: string): string | undefined {
  return undefined;
}
