// SPDX-License-Identifier: Apache-2.0

import { type JsonObject, type JsonValue, setOwn } from "../../json.ts";
import { type EvaluationFault, fault } from "../fault.ts";
import {
  Boxed,
  CelDouble,
  CelList,
  CelMap,
  type CelMapEntry,
  CelUint,
  isIntNumber,
  isJson,
  type LookupKey,
  type Value,
} from "./value.ts";

/** A value of type `list`. */
export type ListValue = readonly JsonValue[] | CelList;

/** A value of type `map`. */
export type MapValue = JsonObject | CelMap;

/** Whether `value` is a list. */
export function isList(value: Value): value is ListValue {
  return Array.isArray(value) || value instanceof CelList;
}

/** Whether `value` is a map. */
export function isMap(value: Value): value is MapValue {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return value instanceof Boxed ? value instanceof CelMap : !(value instanceof Uint8Array);
}

/** The elements of a list. */
export function itemsOf(list: ListValue): readonly Value[] {
  return list instanceof CelList ? list.items : list;
}

/** A list of `items`, raw when all of them are JSON. The array must not be changed afterwards. */
export function listOf(items: readonly Value[]): ListValue {
  for (let index = 0; index < items.length; index++) {
    if (!isJson(items[index] as Value)) return new CelList(items);
  }
  return items as readonly JsonValue[];
}

/** The form of `key` under which a map holds it; `undefined` for what can be no key. */
export function lookupKey(key: Value): LookupKey | undefined {
  switch (typeof key) {
    case "string":
    case "boolean":
    case "bigint":
      return key;
    case "number":
      return isIntNumber(key) ? wholeKey(BigInt(key)) : undefined;
  }
  if (key instanceof CelUint) return wholeKey(key.value);
  return key instanceof CelDouble ? wholeKey(BigInt(key.value)) : undefined;
}

function wholeKey(key: bigint): LookupKey {
  const small = Number(key);
  return Number.isSafeInteger(small) ? small : key;
}

/** The value under `key`, or `undefined`. */
export function valueAt(map: MapValue, key: Value): Value | undefined {
  if (!(map instanceof CelMap)) {
    return typeof key === "string" && Object.hasOwn(map, key) ? map[key] : undefined;
  }
  const lookup = lookupKey(key);
  return lookup === undefined ? undefined : map.entries.get(lookup)?.value;
}

/** How many entries a map has. */
export function sizeOfMap(map: MapValue): number {
  if (map instanceof CelMap) return map.entries.size;
  let size = 0;
  // Makes no list of the keys.
  for (const _ in map) size++;
  return size;
}

/** The keys of a map in its order. */
export function keysOf(map: MapValue): readonly Value[] {
  return map instanceof CelMap
    ? Array.from(map.entries.values(), (entry) => entry.key)
    : Object.keys(map);
}

/** The values of a map in its order. */
export function valuesOf(map: MapValue): readonly Value[] {
  return map instanceof CelMap
    ? Array.from(map.entries.values(), (entry) => entry.value)
    : Object.values(map);
}

/** The entries of a map in its order. */
export function entriesOf(map: MapValue): readonly CelMapEntry[] {
  return map instanceof CelMap
    ? [...map.entries.values()]
    : Object.keys(map).map((key) => ({ key, value: map[key] as JsonValue }));
}

/** A map with these entries, raw when it is JSON; a fault for a key twice or of a wrong type. */
export function mapOf(entries: readonly CelMapEntry[]): MapValue | EvaluationFault {
  const held = new Map<LookupKey, CelMapEntry>();
  for (const entry of entries) {
    const lookup = isKey(entry.key) ? lookupKey(entry.key) : undefined;
    if (lookup === undefined) {
      return fault("no-such-overload", "the key of a map must be a string, bool, int or uint");
    }
    // Not which one: it may be computed of what nobody is to see.
    if (held.has(lookup)) return fault("duplicate-key", "a key of the map occurs twice");
    held.set(lookup, entry);
  }
  return rawOrBoxed(held);
}

/** A map of entries that are known to be distinct. */
export function rawOrBoxed(held: ReadonlyMap<LookupKey, CelMapEntry>): MapValue {
  const raw: Record<string, JsonValue> = {};
  for (const [key, { value }] of held) {
    if (typeof key !== "string" || !isJson(value)) return new CelMap(held);
    setOwn(raw, key, value);
  }
  return raw;
}

function isKey(key: Value): boolean {
  return typeof key === "number" ? isIntNumber(key) : !(key instanceof CelDouble);
}

/** A key in a message. */
export function keyText(key: LookupKey): string {
  return typeof key === "string" ? JSON.stringify(key) : String(key);
}
