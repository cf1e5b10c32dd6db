// SPDX-License-Identifier: Apache-2.0

import { isList, isMap, itemsOf, sizeOfMap } from "./containers.ts";
import { numeric, type ReadCounter } from "./equality.ts";
import { CelDuration, CelOptional, type Value } from "./value.ts";

/** Whether a value is null, false, zero or empty. Charges for a map, whose keys are listed for it. */
export function isZero(value: Value, counter: ReadCounter): boolean {
  if (value === null || value === false || value === "") return true;
  if (isList(value)) return itemsOf(value).length === 0;
  if (isMap(value)) {
    const size = sizeOfMap(value);
    counter.left -= (size / 10) | 0;
    return size === 0;
  }
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelDuration) return value.seconds === 0 && value.nanos === 0;
  if (value instanceof CelOptional) return value.value === undefined;
  return Number(numeric(value) ?? 1) === 0;
}
