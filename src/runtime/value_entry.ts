// SPDX-License-Identifier: Apache-2.0

import {
  CelList,
  CelMap,
  type CelMapEntry,
  isJson,
  isRawMap,
  type JsonValue,
  type LookupKey,
  setOwn,
  type Value,
} from "../language/mod.ts";

/** The items of a list, or `undefined` when the value is no list. */
export function listItems(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof CelList ? value.items : undefined;
}

/** The map with one more entry, which replaces one of that key (WF-21, WF-42). */
export function withEntry(map: Value, key: string, value: Value): Value {
  if (isRawMap(map) && isJson(value)) {
    const made: Record<string, JsonValue> = { ...map };
    setOwn(made, key, value);
    return made;
  }
  const entries = new Map<LookupKey, CelMapEntry>(
    map instanceof CelMap ? map.entries : rawEntries(map),
  );
  entries.set(key, { key, value });
  return new CelMap(entries);
}

function* rawEntries(map: Value): Generator<[LookupKey, CelMapEntry]> {
  if (!isRawMap(map)) return;
  for (const key of Object.keys(map)) yield [key, { key, value: map[key] ?? null }];
}
