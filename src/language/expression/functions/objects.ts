// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { type EvaluationFault, fault, isFault } from "../fault.ts";
import {
  isList,
  isMap,
  itemsOf,
  listOf,
  type ListValue,
  mapOf,
  type MapValue,
  valueAt,
} from "../values/containers.ts";
import { countMade } from "../values/measure.ts";
import { mergeValues } from "../values/merge_values.ts";
import { type CelMapEntry, typeName, type Value } from "../values/value.ts";
import { isZero } from "../values/zero.ts";
import { charge } from "./collections.ts";
import { type FunctionRow, row } from "./row.ts";

type Result = Value | EvaluationFault;

/** The value at the end of a path of members, unless it is absent or empty. */
function filled(budget: Budget, from: Value, ...path: readonly string[]): Value | undefined {
  let value: Value | undefined = from;
  for (const key of path) {
    value = value !== undefined && isMap(value) ? valueAt(value, key) : undefined;
  }
  return value === undefined || isZero(value, budget) ? undefined : value;
}

const SELF_REF_FIELDS: readonly (readonly string[])[] = [
  ["apiVersion"],
  ["kind"],
  ["metadata"],
  ["metadata", "name"],
  ["metadata", "namespace"],
];

function selfRef(budget: Budget, resource: MapValue): Result {
  const entries: CelMapEntry[] = [];
  for (const path of SELF_REF_FIELDS) {
    const value = filled(budget, resource, ...path);
    if (value === undefined) return fault("bad-value", `Missing \`${path.join(".")}\`.`);
    const key = path[path.length - 1] as string;
    if (key !== "metadata") entries.push({ key, value });
  }
  return mapOf(entries);
}

/** The entries of `source` that are not empty, by these keys. */
function filledEntries(
  budget: Budget,
  source: MapValue,
  keys: readonly string[],
): readonly CelMapEntry[] {
  return keys.flatMap((key) => {
    const value = filled(budget, source, key);
    return value === undefined ? [] : [{ key, value }];
  });
}

/** The part of a reference that names the object (FN-23). */
function identity(budget: Budget, source: MapValue): readonly CelMapEntry[] | EvaluationFault {
  if (valueAt(source, "external") !== undefined) {
    const external = filledEntries(budget, source, ["external"]);
    return external.length > 0 ? external : fault("bad-value", "`external` must contain a value.");
  }
  if (valueAt(source, "name") === undefined) {
    return fault("bad-value", "`external` or `name` are required to build a reference.");
  }
  const named = filledEntries(budget, source, ["name"]);
  return named.length > 0
    ? [...named, ...filledEntries(budget, source, ["namespace"])]
    : fault("bad-value", "`name` must contain a value.");
}

function reference(
  budget: Budget,
  source: MapValue,
  head: readonly CelMapEntry[],
): Result {
  const tail = identity(budget, source);
  return isFault(tail) ? tail : mapOf([...head, ...tail]);
}

/** `apiGroup`, given or taken from `apiVersion`; the core group has none. */
function groupEntries(budget: Budget, source: MapValue): readonly CelMapEntry[] {
  const given = filledEntries(budget, source, ["apiGroup"]);
  if (given.length > 0) return given;
  const version = filled(budget, source, "apiVersion");
  const slash = typeof version === "string" ? version.indexOf("/") : -1;
  if (typeof version !== "string" || slash <= 0) return [];
  return [{ key: "apiGroup", value: version.slice(0, slash) }];
}

/** The condition that Config Connector sets once an object is as it should be. */
const UP_TO_DATE = [["status", "True"], ["reason", "UpToDate"]] as const;

function configConnectReady(budget: Budget, resource: Value): boolean {
  const conditions = filled(budget, resource, "status", "conditions");
  if (conditions === undefined || !isList(conditions)) return false;
  charge(budget, itemsOf(conditions).length);
  const ready = itemsOf(conditions).filter((entry) => filled(budget, entry, "type") === "Ready");
  const [only] = ready;
  return only !== undefined && ready.length === 1 &&
    UP_TO_DATE.every(([key, wanted]) => filled(budget, only, key) === wanted);
}

function flatten(budget: Budget, list: ListValue): Result {
  const flat: Value[] = [];
  for (const inner of itemsOf(list)) {
    if (!isList(inner)) {
      const reason = `no such overload: flatten() takes a list of lists, not of ${typeName(inner)}`;
      return fault("no-such-overload", reason);
    }
    for (const item of itemsOf(inner)) flat.push(item);
  }
  charge(budget, flat.length + itemsOf(list).length);
  const made = listOf(flat);
  return countMade(made, budget) ?? made;
}

/** Rules FN-20 to FN-26. */
export const OBJECT_ROWS: readonly FunctionRow[] = [
  row("FN-20", {
    name: "self_ref",
    parameters: [["resource", "map"]],
    result: "map",
    doc: "A reference to an object: its apiVersion, kind, name and namespace.",
    example: [
      "{'apiVersion': 'v1', 'kind': 'K', 'metadata': {'name': 'n', 'namespace': 's'}}.self_ref()",
      "{'apiVersion': 'v1', 'kind': 'K', 'name': 'n', 'namespace': 's'}",
    ],
    run: selfRef,
  }),
  row("FN-21", {
    name: "to_ref",
    parameters: [["source", "map"]],
    result: "map",
    doc: "A reference with apiVersion and kind, and external or name and namespace.",
    example: ["{'kind': 'K', 'name': 'n', 'extra': 1}.to_ref()", "{'kind': 'K', 'name': 'n'}"],
    run: (budget, source) =>
      reference(budget, source, filledEntries(budget, source, ["apiVersion", "kind"])),
  }),
  row("FN-22", {
    name: "group_ref",
    parameters: [["source", "map"]],
    result: "map",
    doc: "A reference as to_ref makes it, with apiGroup in place of apiVersion.",
    example: [
      "{'apiVersion': 'apps/v1', 'kind': 'K', 'name': 'n'}.group_ref()",
      "{'apiGroup': 'apps', 'kind': 'K', 'name': 'n'}",
    ],
    run: (budget, source) =>
      reference(budget, source, [
        ...groupEntries(budget, source),
        ...filledEntries(budget, source, ["kind"]),
      ]),
  }),
  row("FN-23", {
    name: "kindless_ref",
    parameters: [["source", "map"]],
    result: "map",
    doc: "A reference of external or name and namespace only.",
    example: ["{'kind': 'K', 'name': 'n'}.kindless_ref()", "{'name': 'n'}"],
    run: (budget, source) => reference(budget, source, []),
  }),
  row("FN-24", {
    name: "config_connect_ready",
    parameters: [["resource", "any"]],
    result: "bool",
    doc: "Whether the only condition Ready of the object is True because it is UpToDate.",
    example: ["{}.config_connect_ready()", "false"],
    run: configConnectReady,
  }),
  row("FN-25", {
    name: "overlay",
    parameters: [["base", "map"], ["over", "map"]],
    result: "map",
    doc: "The deep merge of two maps; lists replace, null is set.",
    example: ["{'a': {'x': 1, 'y': 2}}.overlay({'a': {'x': 3}})", "{'a': {'x': 3, 'y': 2}}"],
    run: (budget, base, over) => mergeValues(base, over, budget),
  }),
  row("FN-26", {
    name: "flatten",
    parameters: [["list", "list"]],
    result: "list",
    doc: "The elements of the inner lists, one level.",
    example: ["flatten([[1], [2, [3]]])", "[1, 2, [3]]"],
    run: flatten,
  }),
];
