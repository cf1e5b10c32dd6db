// SPDX-License-Identifier: Apache-2.0

import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  setOwn,
} from "../language/mod.ts";
import type { Difference } from "./difference.ts";
import { isDirective, itemsByKey, mannersOf } from "./directives.ts";
import { LAST_APPLIED } from "./last_applied.ts";

/** What was applied, is no longer in the target, and is still there (10.3). */
export interface Removals {
  /** The first of them, as a difference. */
  readonly difference: Difference;
  /** The part of a merge patch that removes them; changed lists are in the target anyway. */
  readonly patch: JsonObject;
}

/** What is walked together. */
interface Walk {
  readonly target: JsonObject;
  readonly live: JsonObject;
  readonly lastApplied: JsonObject;
}

interface Findings {
  first: Difference | undefined;
  readonly kept: readonly (readonly string[])[];
}

/** Keys that are never removed, whatever was applied (DF-33). */
const NEVER_REMOVED: readonly (readonly string[])[] = [
  ["apiVersion"],
  ["kind"],
  ["metadata", "name"],
  ["metadata", "namespace"],
  ["metadata", "ownerReferences"],
  ["metadata", "annotations", LAST_APPLIED],
];

type Path = readonly (string | number)[];

/**
 * Finds what to remove, or `undefined` when there is nothing (DF-30 to DF-33).
 *
 * @param keptPaths Leaves of `create.overlay`: they, and what is below them, stay
 */
export function findRemovals(
  walk: Walk,
  keptPaths: readonly (readonly string[])[] = [],
): Removals | undefined {
  const findings: Findings = { first: undefined, kept: [...NEVER_REMOVED, ...keptPaths] };
  const patch = walkMaps(walk, [], findings);
  return findings.first && { difference: findings.first, patch: patch ?? {} };
}

/** The patch of one map; inside lists it is of no use, and ignored. */
function walkMaps(walk: Walk, path: Path, findings: Findings): JsonObject | undefined {
  const { target, live, lastApplied } = walk;
  const patch: Record<string, JsonValue> = {};
  for (const key of Object.keys(lastApplied)) {
    const applied = lastApplied[key] ?? null;
    const found = Object.hasOwn(live, key) ? live[key] ?? null : null;
    if (found === null || isDirective(key) || isKept([...path, key], findings)) continue;
    const change = Object.hasOwn(target, key)
      ? walkKey(key, { ...walk, path }, findings)
      : removal(applied, found, [...path, key], findings);
    if (change !== undefined) setOwn(patch, key, change);
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function walkKey(
  key: string,
  at: Walk & { readonly path: Path },
  findings: Findings,
): JsonValue | undefined {
  const [target, live, lastApplied] = [at.target[key], at.live[key], at.lastApplied[key]];
  const path = [...at.path, key];
  if (isJsonObject(target) && isJsonObject(live) && isJsonObject(lastApplied)) {
    return walkMaps({ target, live, lastApplied }, path, findings);
  }
  if (isJsonList(target) && isJsonList(live) && isJsonList(lastApplied)) {
    const fields = mannersOf(at.target)?.get(key)?.asMap;
    if (fields && itemsByKey(target, fields)) {
      walkAsMap({ target, live, lastApplied }, fields, { path, findings });
    } else walkItems({ target, live, lastApplied }, path, findings);
  }
  return undefined;
}

interface ListWalk {
  readonly target: readonly JsonValue[];
  readonly live: readonly JsonValue[];
  readonly lastApplied: readonly JsonValue[];
}

/** Lists of equal length, by index (DF-31). */
function walkItems(lists: ListWalk, path: Path, findings: Findings): void {
  const { target, live, lastApplied } = lists;
  if (target.length !== live.length || target.length !== lastApplied.length) return;
  for (let index = 0; index < target.length; index++) {
    const [t, l, a] = [target[index], live[index], lastApplied[index]];
    if (isJsonObject(t) && isJsonObject(l) && isJsonObject(a)) {
      walkMaps({ target: t, live: l, lastApplied: a }, [...path, index], findings);
    }
  }
}

/** As-map lists, by item key: an item that only last-applied and live have is a removal. */
function walkAsMap(
  lists: ListWalk,
  fields: readonly string[],
  at: { readonly path: Path; readonly findings: Findings },
): void {
  const target = itemsByKey(lists.target, fields);
  const live = itemsByKey(lists.live, fields);
  const lastApplied = itemsByKey(lists.lastApplied, fields);
  if (!target || !live || !lastApplied) return;
  for (const [key, applied] of lastApplied) {
    const [wanted, found] = [target.get(key), live.get(key)];
    if (!found) continue;
    if (wanted) {
      walkMaps(
        { target: wanted, live: found, lastApplied: applied },
        [...at.path, key],
        at.findings,
      );
    } else note([...at.path, key], found, at.findings);
  }
}

/**
 * The patch value that removes what was applied below a key the target lacks. A map goes only when
 * nothing else is left in it (DF-32).
 */
function removal(
  applied: JsonValue,
  found: JsonValue,
  path: Path,
  findings: Findings,
): JsonValue | undefined {
  if (!isJsonObject(applied) || !isJsonObject(found)) {
    note(path, found, findings);
    return null;
  }
  const patch = walkMaps({ target: {}, live: found, lastApplied: applied }, path, findings);
  const removed = patch ? Object.keys(patch).filter((key) => patch[key] === null).length : 0;
  if (removed < Object.keys(found).length) return patch;
  note(path, found, findings);
  return null;
}

function note(path: Path, live: JsonValue, findings: Findings): void {
  if (findings.first) return;
  const key = path[path.length - 1];
  const reason = `<'${key}' removed from target>`;
  findings.first = { path: path.slice(0, -1), reason, live };
}

/** Whether a path is at or below one that stays. */
function isKept(path: Path, findings: Findings): boolean {
  return findings.kept.some((kept) =>
    kept.length <= path.length && kept.every((part, index) => part === path[index])
  );
}
