// SPDX-License-Identifier: Apache-2.0

import { copyObject, isJsonObject, type JsonObject, type JsonValue, setOwn } from "./json.ts";

/**
 * The deep merge of two maps (FN-25): where both sides hold maps they merge, else the value of
 * `over` replaces; lists replace; `null` is set. Keys keep the order of `base`, new ones follow.
 */
export function mergeMaps(base: JsonObject, over: JsonObject): JsonObject {
  const merged = copyObject(base);
  for (const key in over) setOwn(merged, key, mergedValue(merged, key, over));
  return merged;
}

function mergedValue(merged: JsonObject, key: string, over: JsonObject): JsonValue {
  const value = over[key] as JsonValue;
  const present = Object.hasOwn(merged, key) ? merged[key] : undefined;
  return isJsonObject(present) && isJsonObject(value) ? mergeMaps(present, value) : value;
}
