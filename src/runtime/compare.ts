// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from "../language/mod.ts";
import { type Difference, jsonTypeName } from "./difference.ts";
import { isDirective, itemsByKey, type Manner, mannersOf, PLAIN } from "./directives.ts";

/** The two sides of a comparison, and what was applied last at the same place. */
interface Sides {
  readonly target: JsonValue;
  readonly live: JsonValue | undefined;
  /** `undefined` where the last-applied text has nothing. */
  readonly lastApplied: JsonValue | undefined;
}

/**
 * The first difference between a target and a live object (10.1, 10.2), or `undefined`.
 *
 * One way: what only the live object has is ignored. Keys in the target's order, list items by
 * index. Removals are another matter: `findRemovals`.
 */
export function compareObjects(
  target: JsonObject,
  live: JsonObject,
  lastApplied: JsonObject | undefined,
): Difference | undefined {
  return compareMaps(target, live, lastApplied);
}

function compareValues(sides: Sides, manner: Manner): Difference | undefined {
  const { target, lastApplied } = sides;
  const live = sides.live ?? null;
  if (target === null) return live === null ? undefined : differ(sides, "null", jsonTypeName(live));
  if (live === null) return differ(sides, jsonTypeName(target), "null or missing");
  if (isJsonList(target)) return compareList({ target, live, lastApplied }, manner);
  if (isJsonObject(target)) {
    return isJsonObject(live)
      ? compareMaps(target, live, lastApplied)
      : differ(sides, "object", jsonTypeName(live));
  }
  return compareScalars(target, live);
}

/** DF-9 to DF-11. */
function compareScalars(target: JsonValue, live: JsonValue): Difference | undefined {
  if (target === live) return undefined;
  const sides = { target, live, lastApplied: undefined };
  const types = [jsonTypeName(target), jsonTypeName(live)] as const;
  if (types[0] === "number" && types[1] === "number" && numbersAgree(target, live)) {
    return undefined;
  }
  const isShownByType = types.includes("bool") && types[0] !== types[1] ||
    types[1] === "object" || types[1] === "array";
  return isShownByType
    ? differ(sides, types[0], types[1])
    : differ(sides, `[${target}]`, `[${live}]`);
}

/** By value, also between `number` and `bigint` (DF-10). */
function numbersAgree(target: JsonValue, live: JsonValue): boolean {
  // deno-lint-ignore eqeqeq
  return target == live;
}

/** DF-2, DF-3, DF-23. */
function compareMaps(
  target: JsonObject,
  live: JsonObject,
  lastApplied: JsonValue | undefined,
): Difference | undefined {
  const manners = mannersOf(target);
  for (const key of Object.keys(target)) {
    if (key === "ownerReferences" || isDirective(key)) continue;
    const sides: Sides = {
      target: target[key] ?? null,
      live: Object.hasOwn(live, key) ? live[key] : undefined,
      lastApplied: partOf(lastApplied, key),
    };
    const found = compareKey(key, sides, manners?.get(key) ?? PLAIN);
    if (found) return found;
  }
  return undefined;
}

function compareKey(key: string, sides: Sides, manner: Manner): Difference | undefined {
  if (manner.lastApplied) {
    // The key must be in the text: also a null that was never applied is a difference.
    if (sides.lastApplied === undefined) {
      const type = jsonTypeName(sides.target);
      return below(key, differ(sides, type, "null or missing"));
    }
    return below(key, compareValues({ ...sides, live: sides.lastApplied }, manner));
  }
  if (sides.live === undefined) {
    return sides.target === null ? undefined : {
      path: [],
      reason: `<missing '${key}' in resource>`,
      target: sides.target,
    };
  }
  return below(key, compareValues(sides, manner));
}

function compareList(
  sides: Sides & { readonly target: readonly JsonValue[] },
  manner: Manner,
): Difference | undefined {
  const { target, live } = sides;
  if (manner.asMap) {
    const items = itemsByKey(target, manner.asMap);
    if (items) return compareAsMap(items, sides, manner.asMap);
  }
  if (!isJsonList(live)) return differ(sides, "array", jsonTypeName(live ?? null));
  if (manner.asSet && !manner.asMap) return compareAsSet(target, live);
  if (target.length !== live.length) {
    return { path: [], reason: lengthMismatch(target, live), target, live };
  }
  return compareItems(target, live, sides.lastApplied);
}

/** DF-7. */
function compareItems(
  target: readonly JsonValue[],
  live: readonly JsonValue[],
  lastApplied: JsonValue | undefined,
): Difference | undefined {
  for (let index = 0; index < target.length; index++) {
    const found = compareValues({
      target: target[index] ?? null,
      live: live[index],
      lastApplied: isJsonList(lastApplied) ? lastApplied[index] : undefined,
    }, PLAIN);
    if (found) return below(index, found);
  }
  return undefined;
}

/** DF-22. */
function compareAsMap(
  target: ReadonlyMap<string, JsonObject>,
  sides: Sides,
  fields: readonly string[],
): Difference | undefined {
  const live = itemsByKey(sides.live, fields);
  if (!live) return differ(sides, "object", jsonTypeName(sides.live ?? null));
  if (target.size === 0 && live.size > 0) return differ(sides, "null", "object");
  const lastApplied = itemsByKey(sides.lastApplied, fields);
  for (const [key, item] of target) {
    const found = live.get(key);
    if (!found) return { path: [], reason: `<missing '${key}' in resource>`, target: item };
    const difference = compareMaps(item, found, lastApplied?.get(key));
    if (difference) return below(key, difference);
  }
  return undefined;
}

/** DF-21. */
function compareAsSet(
  target: readonly JsonValue[],
  live: readonly JsonValue[],
): Difference | undefined {
  if ([...target, ...live].some((member) => typeof member === "object" && member !== null)) {
    return {
      path: [],
      reason: "Could not compare array-as-set, try: `x-koreo-compare-as-map`",
      target,
      live,
    };
  }
  const inLive = new Set(live.map(scalarKey));
  const absent = target.find((member) => !inLive.has(scalarKey(member)));
  if (absent !== undefined) return { path: [], reason: `<missing '${absent}'>`, target, live };
  const inTarget = new Set(target.map(scalarKey));
  const extra = live.find((member) => !inTarget.has(scalarKey(member)));
  return extra === undefined
    ? undefined
    : { path: [], reason: `<unexpectedly found '${extra}'>`, target, live };
}

/** Equal for equal scalars: `1` is `1.0`, but not `true` or `"1"`. */
function scalarKey(value: JsonValue): string {
  return `${jsonTypeName(value)}:${value}`;
}

/** The text of two lists of different lengths (DF-7), as the original writes it. */
function lengthMismatch(target: readonly JsonValue[], live: readonly JsonValue[]): string {
  return `<length mismatch target:${target.length}, actual:${live.length}`;
}

/** What the last-applied text has below a key. */
function partOf(lastApplied: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(lastApplied) && Object.hasOwn(lastApplied, key)
    ? lastApplied[key]
    : undefined;
}

function differ(sides: Sides, target: string, live: string): Difference {
  const reason = `<target:${target}, resource:${live}>`;
  const found = { path: [], reason, target: sides.target };
  return sides.live === undefined ? found : { ...found, live: sides.live };
}

/** The same difference, seen from one level up. */
function below<T extends Difference | undefined>(part: string | number, found: T): T {
  return found && { ...found, path: [part, ...found.path] };
}
