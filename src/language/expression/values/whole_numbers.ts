// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, fault } from "../fault.ts";

/** The smallest and the largest `int`, and the largest `uint`. */
export const MIN_INT: bigint = -(2n ** 63n);
export const MAX_INT: bigint = 2n ** 63n - 1n;
export const MAX_UINT: bigint = 2n ** 64n - 1n;

/** An `int` in its one representation: a number when safe, else a bigint; a fault outside 64 bits. */
export function int(n: bigint): number | bigint | EvaluationFault {
  const small = Number(n);
  if (Number.isSafeInteger(small)) return small;
  return n >= MIN_INT && n <= MAX_INT ? n : fault("overflow", `overflow: ${n} is no 64-bit int`);
}
