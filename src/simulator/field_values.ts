// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, jsonObject } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";
import { childPath, type FieldSet } from "./field_set.ts";
import { type FieldType, itemElement } from "./field_types.ts";
import { sameJson } from "./json_values.ts";

/** A part of an object: its value, its type, and the path to it. */
interface Part {
  readonly value: JsonValue;
  readonly type: FieldType;
  readonly path: string;
}

/** The parts directly below one that writers can own apart; `undefined` when it is one whole. */
function partsOf({ value, type, path }: Part): readonly Part[] | undefined {
  if (isJsonObject(value)) {
    if (type.isAtomic) return undefined;
    return Object.entries(value).map(([key, below]) => ({
      value: below,
      type: type.field(key),
      path: childPath(path, `f:${key}`),
    }));
  }
  if (!isJsonList(value) || type.list.type === "atomic") return undefined;
  const item = type.item();
  return value.map((below) => ({
    value: below,
    type: item,
    path: childPath(path, itemElement(type.list, below) ?? `v:${JSON.stringify(below)}`),
  }));
}

/** The fields that an applied object states: leaves, items of shared lists, empty objects. */
export function statedFields(value: JsonValue, type: FieldType): FieldSet {
  const fields = new Set<string>();
  collect({ value, type, path: "" }, fields);
  return fields;
}

function collect(part: Part, fields: Set<string>): void {
  const parts = partsOf(part);
  if (parts === undefined || (parts.length === 0 && isJsonObject(part.value))) {
    if (part.path !== "") fields.add(part.path);
    return;
  }
  for (const below of parts) {
    collect(below, fields);
    if (isJsonList(part.value)) fields.add(below.path);
  }
}

/** What differs between two states of an object. */
export interface FieldChanges {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two states of an object; a missing state has no fields. */
export function compareFields(
  before: JsonObject,
  after: JsonObject,
  type: FieldType,
): FieldChanges {
  const changes = {
    added: new Set<string>(),
    modified: new Set<string>(),
    removed: new Set<string>(),
  };
  compareParts({ value: before, type, path: "" }, { value: after, type, path: "" }, changes);
  return changes;
}

interface OpenChanges {
  readonly added: Set<string>;
  readonly modified: Set<string>;
  readonly removed: Set<string>;
}

function compareParts(before: Part, after: Part, changes: OpenChanges): void {
  if (before.value === after.value) return;
  const [old, now] = [partsOf(before), partsOf(after)];
  if (
    old === undefined || now === undefined || isJsonList(before.value) !== isJsonList(after.value)
  ) {
    if (!sameJson(before.value, after.value)) changes.modified.add(after.path);
    return;
  }
  const oldByPath = new Map(old.map((part) => [part.path, part]));
  for (const part of now) {
    const counterpart = oldByPath.get(part.path);
    if (counterpart === undefined) addAll(part, changes.added);
    else compareParts(counterpart, part, changes);
    oldByPath.delete(part.path);
  }
  for (const gone of oldByPath.values()) addAll(gone, changes.removed);
}

function addAll(part: Part, fields: Set<string>): void {
  fields.add(part.path);
  for (const below of partsOf(part) ?? []) addAll(below, fields);
}

/** The live value with an applied one laid over it: shared lists are merged item by item. */
export function mergeApplied(
  live: JsonValue | undefined,
  applied: JsonValue,
  type: FieldType,
): JsonValue {
  if (isJsonObject(applied)) {
    if (type.isAtomic || !isJsonObject(live)) return applied;
    const merged = new Map(Object.entries(live));
    for (const [key, value] of Object.entries(applied)) {
      merged.set(key, mergeApplied(merged.get(key), value, type.field(key)));
    }
    return jsonObject(merged);
  }
  if (!isJsonList(applied) || !isJsonList(live) || type.list.type === "atomic") return applied;
  return mergeLists(live, applied, type);
}

function mergeLists(
  live: readonly JsonValue[],
  applied: readonly JsonValue[],
  type: FieldType,
): readonly JsonValue[] {
  const element = (item: JsonValue) => itemElement(type.list, item) ?? JSON.stringify(item);
  const liveByElement = new Map(live.map((item) => [element(item), item]));
  const appliedElements = applied.map(element);
  const stated = new Set(appliedElements);
  const merged: JsonValue[] = [];
  let next = 0;
  const takeApplied = () => {
    const item = applied[next] ?? null;
    merged.push(mergeApplied(liveByElement.get(appliedElements[next] ?? ""), item, type.item()));
    next++;
  };
  // Items that only the live list has stay where they are among the others.
  for (const item of live) {
    if (stated.has(element(item))) takeApplied();
    else merged.push(item);
  }
  while (next < applied.length) takeApplied();
  return merged;
}

/** Which fields are to go, and which hold on to what lies above them. */
export interface Pruning {
  readonly removed: FieldSet;
  /** Paths that somebody owns, or that lie above such a path. */
  readonly kept: FieldSet;
}

/** The value without removed fields, and without what was emptied by that. */
export function pruneFields(
  value: JsonValue,
  type: FieldType,
  pruning: Pruning,
): JsonValue {
  return prunePart({ value, type, path: "" }, pruning) ?? value;
}

function prunePart(part: Part, pruning: Pruning): JsonValue | undefined {
  const { value, path } = part;
  if (pruning.removed.has(path) && !pruning.kept.has(path)) return undefined;
  const parts = partsOf(part);
  if (parts === undefined || parts.length === 0) return value;
  const left = parts.map((below) => prunePart(below, pruning));
  if (left.every((below, index) => below === parts[index]?.value)) return value;
  const isEmpty = left.every((below) => below === undefined);
  if (isEmpty && path !== "" && !pruning.kept.has(path)) return undefined;
  if (isJsonList(value)) return left.filter((below) => below !== undefined);
  const keys = Object.keys(value as JsonObject);
  return jsonObject(
    left.map((below, index) => [keys[index] ?? "", below] as const)
      .filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
}
