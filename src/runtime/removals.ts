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
  /** Where the walk stands. */
  readonly path: (string | number)[];
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

/**
 * Finds what to remove, or `undefined` when there is nothing (DF-30 to DF-33).
 *
 * @param keptPaths Leaves of `create.overlay`: they, and what is below them, stay
 */
export function findRemovals(
  walk: Walk,
  keptPaths: readonly (readonly string[])[] = [],
): Removals | undefined {
  const findings: Findings = { first: undefined, path: [], kept: [...NEVER_REMOVED, ...keptPaths] };
  const patch = walkMaps(walk, findings);
  return findings.first && { difference: findings.first, patch: patch ?? {} };
}

/** The patch of one map; inside lists it is of no use, and ignored. */
function walkMaps(walk: Walk, findings: Findings): JsonObject | undefined {
  const { target, live, lastApplied } = walk;
  let patch: Record<string, JsonValue> | undefined;
  for (const key of Object.keys(lastApplied)) {
    const found = Object.hasOwn(live, key) ? live[key] : null;
    if (found === null || found === undefined || isDirective(key)) continue;
    findings.path.push(key);
    const change = Object.hasOwn(target, key)
      ? walkKey(key, walk, findings)
      : removal(lastApplied[key] ?? null, found, findings);
    findings.path.pop();
    if (change !== undefined) setOwn(patch ??= {}, key, change);
  }
  return patch;
}

/** A key that all three have. */
function walkKey(key: string, walk: Walk, findings: Findings): JsonValue | undefined {
  const [target, live, lastApplied] = [walk.target[key], walk.live[key], walk.lastApplied[key]];
  if (isJsonObject(target) && isJsonObject(live) && isJsonObject(lastApplied)) {
    return walkMaps({ target, live, lastApplied }, findings);
  }
  if (isJsonList(target) && isJsonList(live) && isJsonList(lastApplied) && !isKept(findings)) {
    const fields = mannersOf(walk.target)?.get(key)?.asMap;
    const lists = { target, live, lastApplied };
    if (fields && itemsByKey(target, fields)) walkAsMap(lists, fields, findings);
    else walkItems(lists, findings);
  }
  return undefined;
}

interface ListWalk {
  readonly target: readonly JsonValue[];
  readonly live: readonly JsonValue[];
  readonly lastApplied: readonly JsonValue[];
}

/** Lists of equal length, by index (DF-31). */
function walkItems({ target, live, lastApplied }: ListWalk, findings: Findings): void {
  if (target.length !== live.length || target.length !== lastApplied.length) return;
  for (let index = 0; index < target.length; index++) {
    const [wanted, found, applied] = [target[index], live[index], lastApplied[index]];
    if (isJsonObject(wanted) && isJsonObject(found) && isJsonObject(applied)) {
      findings.path.push(index);
      walkMaps({ target: wanted, live: found, lastApplied: applied }, findings);
      findings.path.pop();
    }
  }
}

/** As-map lists, by item key: an item that only last-applied and live have is a removal. */
function walkAsMap(lists: ListWalk, fields: readonly string[], findings: Findings): void {
  const target = itemsByKey(lists.target, fields);
  const live = itemsByKey(lists.live, fields);
  const lastApplied = itemsByKey(lists.lastApplied, fields);
  if (!target || !live || !lastApplied) return;
  for (const [key, applied] of lastApplied) {
    const [wanted, found] = [target.get(key), live.get(key)];
    if (!found) continue;
    findings.path.push(key);
    if (!wanted) note(found, findings);
    else walkMaps({ target: wanted, live: found, lastApplied: applied }, findings);
    findings.path.pop();
  }
}

/**
 * The patch value that removes what was applied below a key the target lacks. A map goes only when
 * nothing else is left in it (DF-32).
 */
function removal(
  applied: JsonValue,
  found: JsonValue,
  findings: Findings,
): JsonValue | undefined {
  if (isKept(findings)) return undefined;
  if (isJsonObject(applied) && isJsonObject(found)) {
    const patch = walkMaps({ target: {}, live: found, lastApplied: applied }, findings);
    const removed = patch ? Object.keys(patch).filter((key) => patch[key] === null).length : 0;
    if (removed < Object.keys(found).length) return patch;
  }
  note(found, findings);
  return null;
}

function note(live: JsonValue, findings: Findings): void {
  const { path } = findings;
  const reason = `<'${path.at(-1)}' removed from target>`;
  findings.first ??= { path: path.slice(0, -1), reason, live };
}

/** Whether the walk stands at or below a path that stays. */
function isKept({ kept, path }: Findings): boolean {
  return kept.some((one) =>
    one.length <= path.length && one.every((part, index) => part === path[index])
  );
}
