// SPDX-License-Identifier: Apache-2.0

import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  setOwn,
} from "../language/mod.ts";

/** The list is compared as a set of scalars (DF-21). */
const COMPARE_AS_SET = "x-koreo-compare-as-set";
/** The list of maps is compared as a map (DF-22). */
const COMPARE_AS_MAP = "x-koreo-compare-as-map";
/** The target is compared with what was applied last, not with the live value (DF-23). */
const COMPARE_LAST_APPLIED = "x-koreo-compare-last-applied";

/** How the value of one key is compared. */
export interface Manner {
  readonly asSet: boolean;
  /** Fields that make the key of an item. */
  readonly asMap?: readonly string[];
  readonly lastApplied: boolean;
}

/** How values without a directive are compared. */
export const PLAIN: Manner = { asSet: false, lastApplied: false };

/** Whether a key is a directive and so never part of an object. */
export function isDirective(key: string): boolean {
  return key === COMPARE_AS_SET || key === COMPARE_AS_MAP || key === COMPARE_LAST_APPLIED;
}

/** What the directives of a map say of its keys; `undefined` when it has none. */
export function mannersOf(map: JsonObject): ReadonlyMap<string, Manner> | undefined {
  const hasAny = Object.hasOwn(map, COMPARE_AS_SET) || Object.hasOwn(map, COMPARE_AS_MAP) ||
    Object.hasOwn(map, COMPARE_LAST_APPLIED);
  if (!hasAny) return undefined;
  const manners = new Map<string, Manner>();
  const add = (key: string, manner: Partial<Manner>) =>
    manners.set(key, { ...(manners.get(key) ?? PLAIN), ...manner });
  for (const key of names(map[COMPARE_AS_SET])) add(key, { asSet: true });
  for (const [key, fields] of fieldLists(map[COMPARE_AS_MAP])) add(key, { asMap: fields });
  for (const key of names(map[COMPARE_LAST_APPLIED])) add(key, { lastApplied: true });
  return manners;
}

/** Non-empty texts of a list; nothing else counts (DF-20). */
function names(value: JsonValue | undefined): readonly string[] {
  if (!isJsonList(value)) return [];
  return value.filter((name): name is string => typeof name === "string" && name !== "");
}

function fieldLists(
  value: JsonValue | undefined,
): readonly (readonly [string, readonly string[]])[] {
  if (!isJsonObject(value)) return [];
  return Object.keys(value)
    .map((key) => [key, names(value[key])] as const)
    .filter(([key, fields]) => key !== "" && fields.length > 0);
}

/** The items of a list of maps by their key texts (DF-22); `undefined` if it is no list of maps. */
export function itemsByKey(
  list: JsonValue | undefined,
  fields: readonly string[],
): ReadonlyMap<string, JsonObject> | undefined {
  if (!isJsonList(list)) return undefined;
  const items = new Map<string, JsonObject>();
  for (const item of list) {
    if (!isJsonObject(item)) return undefined;
    items.set(itemKey(item, fields), item);
  }
  return items;
}

/** The key text of one item: the texts of its fields, trimmed, joined with `$`. */
function itemKey(item: JsonObject, fields: readonly string[]): string {
  return fields.map((field) => fieldText(Object.hasOwn(item, field) ? item[field] : null).trim())
    .join("$");
}

function fieldText(value: JsonValue | undefined): string {
  if (typeof value === "object" && value !== null) {
    return JSON.stringify(value, (_key, part) => typeof part === "bigint" ? `${part}` : part);
  }
  return String(value ?? null);
}

/** The value without any directive, at every depth (RF-60). Shares what has none. */
function withoutDirectives(value: JsonValue): JsonValue {
  if (isJsonList(value)) {
    const items = value.map(withoutDirectives);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  return isJsonObject(value) ? objectWithoutDirectives(value) : value;
}

/** The object without any directive, at every depth. */
export function objectWithoutDirectives(object: JsonObject): JsonObject {
  let isSame = true;
  const kept: Record<string, JsonValue> = {};
  for (const key of Object.keys(object)) {
    if (isDirective(key)) {
      isSame = false;
      continue;
    }
    const before = object[key] ?? null;
    const after = withoutDirectives(before);
    if (after !== before) isSame = false;
    setOwn(kept, key, after);
  }
  return isSame ? object : kept;
}
