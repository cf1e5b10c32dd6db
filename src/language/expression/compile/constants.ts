// SPDX-License-Identifier: Apache-2.0

import { isJson, type Value } from "../values/value.ts";

/** Freezes a constant container: evaluations share it. */
export function freeze<T extends Value>(value: T): T {
  if (typeof value !== "object" || value === null || !isJson(value) || Object.isFrozen(value)) {
    return value;
  }
  for (const part of Object.values(value)) freeze(part as Value);
  return Object.freeze(value);
}
