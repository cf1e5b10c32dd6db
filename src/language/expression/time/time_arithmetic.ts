// SPDX-License-Identifier: Apache-2.0

import type { EvaluationFault } from "../fault.ts";
import { CelDuration, CelTimestamp, type Value } from "../values/value.ts";
import { durationOf, nanosOf } from "./duration.ts";
import { timestampOf } from "./timestamp.ts";

type Result = CelTimestamp | CelDuration | EvaluationFault;

/** `a + b` of a timestamp and a duration or of two durations; `undefined` for other operands. */
export function addTimes(a: Value, b: Value): Result | undefined {
  if (a instanceof CelTimestamp && b instanceof CelDuration) return move(a, nanosOf(b));
  if (a instanceof CelDuration && b instanceof CelTimestamp) return move(b, nanosOf(a));
  return a instanceof CelDuration && b instanceof CelDuration
    ? durationOf(nanosOf(a) + nanosOf(b))
    : undefined;
}

/** `a - b` of times; `undefined` for other operands. */
export function subtractTimes(a: Value, b: Value): Result | undefined {
  if (a instanceof CelTimestamp) {
    if (b instanceof CelDuration) return move(a, -nanosOf(b));
    return b instanceof CelTimestamp ? durationOf(nanosOf(a) - nanosOf(b)) : undefined;
  }
  return a instanceof CelDuration && b instanceof CelDuration
    ? durationOf(nanosOf(a) - nanosOf(b))
    : undefined;
}

function move(from: CelTimestamp, by: bigint): CelTimestamp | EvaluationFault {
  const nanos = nanosOf(from) + by;
  const rest = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return timestampOf(Number((nanos - rest) / 1_000_000_000n), Number(rest));
}
