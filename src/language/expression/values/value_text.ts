// SPDX-License-Identifier: Apache-2.0

import type { EvaluationFault } from "../fault.ts";
import type { Value } from "./value.ts";

/** A value as text, as `string(value)` gives it (EX-34). */
export function valueText(_value: Value): string | EvaluationFault {
  throw new TypeError("Cannot convert yet");
}
