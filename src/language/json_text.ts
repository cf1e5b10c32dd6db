// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, isFault } from "./expression/fault.ts";
import type { Value } from "./expression/values/value.ts";
import type { JsonValue } from "./json.ts";

export type { EvaluationFault };
export { isFault };

/** How keys are ordered: by code point (FN-41), or as they stand in the map (FN-42). */
export interface JsonTextOptions {
  readonly order: "sorted" | "insertion";
}

/** The JSON text of a value (FN-41, FN-42); a fault for what has none. */
export function jsonText(_value: Value, _options: JsonTextOptions): string | EvaluationFault {
  throw new TypeError("Cannot write yet");
}

/** Reads one JSON text, whole numbers exactly (FN-37). */
export function parseJsonText(_text: string): Value | EvaluationFault {
  throw new TypeError("Cannot read yet");
}

export type { JsonValue };
