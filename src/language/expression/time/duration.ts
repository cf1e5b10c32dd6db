// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, fault } from "../fault.ts";
import { CelDuration } from "../values/value.ts";
import { MAX_INT, MIN_INT } from "../values/whole_numbers.ts";
import { fractionText } from "./timestamp.ts";

const NANOS_PER_SECOND = 1_000_000_000n;

/** A duration of that many nanoseconds; a fault beyond 64 bits, which is about 292 years. */
export function durationOf(nanos: bigint): CelDuration | EvaluationFault {
  if (nanos < MIN_INT || nanos > MAX_INT) {
    return fault("overflow", "range error: a duration is at most 292 years");
  }
  return new CelDuration(Number(nanos / NANOS_PER_SECOND), Number(nanos % NANOS_PER_SECOND));
}

/** The whole length in nanoseconds. */
export function nanosOf(time: { readonly seconds: number; readonly nanos: number }): bigint {
  return BigInt(time.seconds) * NANOS_PER_SECOND + BigInt(time.nanos);
}

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["h", 3600n * NANOS_PER_SECOND],
  ["m", 60n * NANOS_PER_SECOND],
  ["s", NANOS_PER_SECOND],
  ["ms", 1_000_000n],
  ["us", 1000n],
  ["\u00b5s", 1000n],
  ["\u03bcs", 1000n],
  ["ns", 1n],
]);

/** One number with its unit, at the place where the last one ended. */
const PART = /(\d*)(?:\.(\d*))?(h|ms|m|s|us|\u00b5s|\u03bcs|ns)/y;

/** Longer texts are no durations: all digits beyond this are superfluous. */
const MAX_LENGTH = 200;

/** Reads a duration such as `1h30m`, `-1.5s` or `0`. */
export function parseDuration(text: string): CelDuration | EvaluationFault {
  const isNegative = text.startsWith("-");
  const body = isNegative || text.startsWith("+") ? text.slice(1) : text;
  if (body === "0") return new CelDuration(0, 0);
  const nanos = text.length > MAX_LENGTH ? undefined : sumOfParts(body);
  if (nanos === undefined) return noDuration();
  return durationOf(isNegative ? -nanos : nanos);
}

function sumOfParts(body: string): bigint | undefined {
  if (body === "") return undefined;
  let sum = 0n;
  for (PART.lastIndex = 0; PART.lastIndex < body.length;) {
    const [, whole = "", fraction = "", unit = ""] = PART.exec(body) ?? [];
    const nanosPerUnit = UNITS.get(unit);
    if (nanosPerUnit === undefined || whole + fraction === "") return undefined;
    const scale = 10n ** BigInt(fraction.length);
    sum += BigInt(whole + fraction) * nanosPerUnit / scale;
  }
  return sum;
}

function noDuration(): EvaluationFault {
  return fault("bad-value", 'the text is no duration: expected a form like "90s" or "1h30m"');
}

/** Seconds with the suffix `s`, with as many digits as needed: `5400s`, `-0.5s`. */
export function durationText({ seconds, nanos }: CelDuration): string {
  const sign = seconds < 0 || nanos < 0 ? "-" : "";
  return `${sign}${Math.abs(seconds)}${fractionText(Math.abs(nanos))}s`;
}
