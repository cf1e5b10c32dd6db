// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../../json.ts";
import type { EvaluationFault } from "../fault.ts";
import type { Value } from "./value.ts";

/** A value as JSON (EX-21, EX-22). Costs nothing when it is JSON already. */
export function toJson(_value: Value): JsonValue | EvaluationFault {
  throw new TypeError("Cannot convert yet");
}
