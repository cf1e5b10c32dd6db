// SPDX-License-Identifier: Apache-2.0

import { copyObject, isJsonObject, type JsonObject, type JsonValue, setOwn } from "./json.ts";

const EMPTY: JsonObject = {};

/** A literal map applied to a base as an overlay (EX-51): empty maps replace, others descend. */
export function overlayLiteral(base: JsonObject, literal: JsonObject): JsonObject {
  const made = copyObject(base);
  for (const key of Object.keys(literal)) {
    const value = literal[key] as JsonValue;
    const isLeaf = !isJsonObject(value) || isEmptyMap(value);
    setOwn(made, key, isLeaf ? value : overlayLiteral(mapUnder(base, key), value));
  }
  return made;
}

/** The map that an overlay of `key` descends into; an empty one where there is none. */
export function mapUnder(base: JsonObject, key: string): JsonObject {
  const present = Object.hasOwn(base, key) ? base[key] : undefined;
  return isJsonObject(present) ? present : EMPTY;
}

/** Whether a map has no keys. Written as a loop: it makes no list of them. */
export function isEmptyMap(map: JsonObject): boolean {
  for (const _ in map) return false;
  return true;
}
