// SPDX-License-Identifier: Apache-2.0

import { isJsonList, member } from "../../language/mod.ts";
import type { JsonValue } from "../../language/mod.ts";

/**
 * The value at a simple JSON path of a printer column: keys, indexes, and filters that compare a
 * key with a text (`.status.conditions[?(@.type=="Ready")].status`). The first match counts.
 */
export function readJsonPath(value: JsonValue, path: string): JsonValue | undefined {
  let found: JsonValue | undefined = value;
  for (const step of path.matchAll(STEP)) found = takeStep(found, step);
  return found;
}

const STEP =
  /\.((?:\\\.|[^.[\]])+)|\[(\d+)\]|\['([^']*)'\]|\[\?\(@\.([\w.]+)\s*==\s*["']([^"']*)["']\)\]/g;

function takeStep(value: JsonValue | undefined, step: RegExpMatchArray): JsonValue | undefined {
  const [, key, index, quoted, filterKey, filterValue] = step;
  if (key !== undefined) return member(value, key.replaceAll("\\.", "."));
  if (quoted !== undefined) return member(value, quoted);
  if (!isJsonList(value)) return undefined;
  if (index !== undefined) return value[Number(index)];
  return value.find((item) => member(item, filterKey ?? "") === filterValue);
}
