// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, fault } from "../fault.ts";
import { durationText } from "../time/duration.ts";
import { timestampText } from "../time/timestamp.ts";
import { CelDouble, CelDuration, CelTimestamp, CelUint, typeName, type Value } from "./value.ts";

/** A value as text, as `string(value)` gives it (EX-34); a fault without a place for other types. */
export function valueText(value: Value): string | EvaluationFault {
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
    case "number":
    case "bigint":
      return String(value);
  }
  if (value instanceof CelDouble) return doubleText(value.value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (value instanceof Uint8Array) return utf8Text(value);
  return fault("no-such-overload", `no such overload: string(${typeName(value)})`);
}

function doubleText(n: number): string {
  return Object.is(n, -0) ? "-0" : String(n);
}

/** The text that the bytes encode in UTF-8; a fault when they encode none. */
export function utf8Text(bytes: Uint8Array): string | EvaluationFault {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The decoder throws a TypeError for bytes that are not UTF-8, and for nothing else here.
    return fault("bad-value", "invalid UTF-8: the bytes encode no text");
  }
}
