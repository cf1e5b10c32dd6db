// SPDX-License-Identifier: Apache-2.0

import { numeric } from "./equality.ts";
import { CelDuration, CelTimestamp, type Value } from "./value.ts";

/**
 * The order of two values: negative, zero or positive; `NaN` when a number is none; `undefined`
 * when there is no order between their types (EX-32).
 */
export function order(a: Value, b: Value): number | undefined {
  if (typeof a === "string") return typeof b === "string" ? compareText(a, b) : undefined;
  if (typeof a === "boolean") return typeof b === "boolean" ? Number(a) - Number(b) : undefined;
  const left = numeric(a);
  if (left !== undefined) return compareNumbers(left, numeric(b));
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareBytes(a, b) : undefined;
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp ? compareTimes(a, b) : undefined;
  if (a instanceof CelDuration) return b instanceof CelDuration ? compareTimes(a, b) : undefined;
  return undefined;
}

/** An int or uint beyond 2^53 is rounded to be compared with a double, as CEL does. */
function compareNumbers(a: number | bigint, b: number | bigint | undefined): number | undefined {
  if (b === undefined) return undefined;
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : a === b ? 0 : NaN;
  return compareNumbers(Number(a), Number(b));
}

/** The order of two texts by code points, which differs from that of UTF-16 units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) {
      return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1;
    }
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareTimes(a: CelTimestamp | CelDuration, b: CelTimestamp | CelDuration): number {
  return a.seconds - b.seconds || a.nanos - b.nanos;
}
