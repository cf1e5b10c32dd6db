// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, jsonObject, setOwn } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";

/**
 * Fields of an object, each by the elements of its path in the notation of FieldsV1: `f:name` a
 * key, `k:{…}` an item by its keys, `v:…` an item by its value.
 */
export type FieldSet = ReadonlySet<string>;

const SEPARATOR = "\u0000";

/** The path of a field one element below another; `""` is the object itself. */
export function childPath(parent: string, element: string): string {
  return parent === "" ? element : parent + SEPARATOR + element;
}

/** All paths above this one, the object itself left out. */
export function parentPaths(path: string): readonly string[] {
  const elements = path.split(SEPARATOR);
  return elements.slice(1).map((_, index) => elements.slice(0, index + 1).join(SEPARATOR));
}

/** The first element of a path. */
export function firstElement(path: string): string {
  const end = path.indexOf(SEPARATOR);
  return end < 0 ? path : path.slice(0, end);
}

/** A path as refusals print it: `.spec.containers[name="a"].image`. */
export function printPath(path: string): string {
  return path.split(SEPARATOR).map(printElement).join("");
}

function printElement(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith("f:")) return `.${rest}`;
  if (element.startsWith("v:")) return `[=${rest}]`;
  const keys: JsonValue = JSON.parse(rest);
  const named = isJsonObject(keys) ? Object.entries(keys) : [];
  return `[${named.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
}

const decoded = new WeakMap<JsonObject, FieldSet>();

/** Reads a FieldsV1 object. */
export function decodeFields(fields: JsonObject): FieldSet {
  const known = decoded.get(fields);
  if (known !== undefined) return known;
  const paths = new Set<string>();
  readInto(paths, "", fields);
  decoded.set(fields, paths);
  return paths;
}

function readInto(paths: Set<string>, parent: string, fields: JsonObject): void {
  const keys = Object.keys(fields);
  for (const key of keys) {
    if (key === ".") {
      paths.add(parent);
      continue;
    }
    const path = childPath(parent, key);
    const below = fields[key];
    if (isJsonObject(below) && Object.keys(below).length > 0) readInto(paths, path, below);
    else paths.add(path);
  }
}

interface Branch {
  isMember: boolean;
  readonly below: Map<string, Branch>;
}

/** Writes a FieldsV1 object, sorted as the server does. */
export function encodeFields(set: FieldSet): JsonObject {
  const root: Branch = { isMember: false, below: new Map() };
  for (const path of set) grow(root, path.split(SEPARATOR)).isMember = true;
  const fields = encodeBranch(root);
  decoded.set(fields, set);
  return fields;
}

function grow(root: Branch, elements: readonly string[]): Branch {
  let branch = root;
  for (const element of elements) {
    let next = branch.below.get(element);
    if (next === undefined) branch.below.set(element, next = { isMember: false, below: new Map() });
    branch = next;
  }
  return branch;
}

function encodeBranch({ isMember, below }: Branch): JsonObject {
  const fields: Record<string, JsonValue> = {};
  if (isMember && below.size > 0) fields["."] = jsonObject([]);
  for (const element of [...below.keys()].sort()) {
    const branch = below.get(element);
    if (branch !== undefined) setOwn(fields, element, encodeBranch(branch));
  }
  return Object.freeze(fields);
}
