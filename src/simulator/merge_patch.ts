// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, jsonObject } from "../language/mod.ts";
import type { JsonValue } from "../language/mod.ts";

/** The target after a JSON merge patch (RFC 7386). Parts that do not change are shared. */
export function applyMergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map(isJsonObject(target) ? Object.entries(target) : []);
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) merged.delete(key);
    else merged.set(key, applyMergePatch(merged.get(key), change));
  }
  return jsonObject(merged);
}
