// SPDX-License-Identifier: Apache-2.0

import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  setOwn,
} from "../language/mod.ts";
import {
  isDirective,
  itemsByKey,
  jsonEqual,
  jsonTypeName,
  type Manner,
  mannersOf,
} from "../runtime/mod.ts";
import type { Difference } from "./difference.ts";

/**
 * Compares both ways (FT-46): a key that only one side has is a difference, lists compare by
 * position, `null` equals `null` only. The expectation's compare directives apply; the actual
 * value's are ignored.
 *
 * @returns The tree of differences, or `undefined` when the values are equal
 */
export function compareExactly(expected: JsonValue, actual: JsonValue): Difference | undefined {
  if (expected === actual) return undefined;
  if (isJsonObject(expected) && isJsonObject(actual)) return compareMaps(expected, actual);
  if (isJsonList(expected) && isJsonList(actual)) return compareLists(expected, actual);
  return compareScalars(expected, actual);
}

function compareScalars(expected: JsonValue, actual: JsonValue): string | undefined {
  const [wanted, found] = [jsonTypeName(expected), jsonTypeName(actual)];
  if (wanted !== found) return `expected \`${wanted}\` but found \`${found}\``;
  if (jsonEqual(expected, actual)) return undefined;
  if (wanted === "bool") return `expected \`${expected}\` but found \`${actual}\``;
  return `expected '\`${expected}\`' but found '\`${actual}\`'`;
}

function compareMaps(expected: JsonObject, actual: JsonObject): Difference | undefined {
  const manners = mannersOf(expected);
  const tree: Record<string, Difference> = {};
  let isEqual = true;
  const note = (key: string, difference: Difference | undefined) => {
    if (difference === undefined) return;
    isEqual = false;
    setOwn(tree, key, difference);
  };
  for (const key of Object.keys(expected)) {
    if (isDirective(key)) continue;
    if (!Object.hasOwn(actual, key)) note(key, "missing");
    else note(key, compareInManner(manners?.get(key), expected[key] ?? null, actual[key] ?? null));
  }
  for (const key of Object.keys(actual)) {
    if (!isDirective(key) && !Object.hasOwn(expected, key)) note(key, "unexpected");
  }
  return isEqual ? undefined : tree;
}

/** A key named by both directives is compared as a map (DF-24); last-applied is ignored. */
function compareInManner(
  manner: Manner | undefined,
  expected: JsonValue,
  actual: JsonValue,
): Difference | undefined {
  if (!manner || !isJsonList(expected) || !isJsonList(actual)) {
    return compareExactly(expected, actual);
  }
  if (manner.asMap) return compareKeyed(manner.asMap, expected, actual);
  return manner.asSet ? compareSets(expected, actual) : compareLists(expected, actual);
}

function compareLists(
  expected: readonly JsonValue[],
  actual: readonly JsonValue[],
): Difference | undefined {
  if (expected.length !== actual.length) {
    return `<length mismatch target:${expected.length}, actual:${actual.length}`;
  }
  const items = expected.map((item, index) => compareExactly(item, actual[index] ?? null) ?? null);
  return items.every((item) => item === null) ? undefined : items;
}

function compareSets(
  expected: readonly JsonValue[],
  actual: readonly JsonValue[],
): string | undefined {
  if ([...expected, ...actual].some((item) => isJsonObject(item) || isJsonList(item))) {
    return "Could not compare array-as-set, try: `x-koreo-compare-as-map`";
  }
  const missing = firstOutside(expected, actual);
  if (missing !== undefined) return `<missing '${missing}'>`;
  const unexpected = firstOutside(actual, expected);
  return unexpected === undefined ? undefined : `<unexpectedly found '${unexpected}'>`;
}

/** The first scalar of a list that another list does not hold; kinds are distinct. */
function firstOutside(
  items: readonly JsonValue[],
  others: readonly JsonValue[],
): JsonValue | undefined {
  const found = new Set(others.map(scalarKey));
  return items.find((item) => !found.has(scalarKey(item)));
}

function scalarKey(value: JsonValue): string {
  return `${jsonTypeName(value)}:${value}`;
}

/** DF-22 both ways: the lists as maps keyed by the fields' texts. */
function compareKeyed(
  fields: readonly string[],
  expected: readonly JsonValue[],
  actual: readonly JsonValue[],
): Difference | undefined {
  const [wanted, found] = [itemsByKey(expected, fields), itemsByKey(actual, fields)];
  if (!wanted || !found) return compareLists(expected, actual);
  const tree: Record<string, Difference> = {};
  for (const [key, item] of wanted) {
    const other = found.get(key);
    const difference = other === undefined ? "missing" : compareExactly(item, other);
    if (difference !== undefined) setOwn(tree, key, difference);
  }
  for (const key of found.keys()) if (!wanted.has(key)) setOwn(tree, key, "unexpected");
  return Object.keys(tree).length === 0 ? undefined : tree;
}
