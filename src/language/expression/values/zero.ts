// SPDX-License-Identifier: Apache-2.0

import { isList, isMap, itemsOf, sizeOfMap } from "./containers.ts";
import { numeric } from "./equality.ts";
import { CelDuration, CelOptional, type Value } from "./value.ts";

/** Whether a value is null, false, zero or empty. */
export function isZero(value: Value): boolean {
  if (value === null || value === false || value === "") return true;
  if (isList(value)) return itemsOf(value).length === 0;
  if (isMap(value)) return sizeOfMap(value) === 0;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelDuration) return value.seconds === 0 && value.nanos === 0;
  if (value instanceof CelOptional) return value.value === undefined;
  return Number(numeric(value) ?? 1) === 0;
}
