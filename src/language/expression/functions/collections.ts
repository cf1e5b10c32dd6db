// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { type EvaluationFault, fault } from "../fault.ts";
import {
  itemsOf,
  keysOf,
  listOf,
  type ListValue,
  type MapValue,
  sizeOfMap,
  valueAt,
  valuesOf,
} from "../values/containers.ts";
import { equals, numeric } from "../values/equality.ts";
import { order } from "../values/order.ts";
import { typeName, type Value } from "../values/value.ts";
import { type FunctionRow, row } from "./row.ts";

/** Charges for reading or producing that many characters or elements (LM-20). */
export function charge(budget: Budget, count: number): void {
  budget.left -= (count / 10) | 0;
}

function codePoints(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at++) {
    if (isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1))) count--;
  }
  return count;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function contains(budget: Budget, list: ListValue, wanted: Value): boolean {
  const items = itemsOf(list);
  charge(budget, items.length);
  return items.some((item) => equals(item, wanted, budget));
}

function minimum(budget: Budget, list: ListValue): Value | EvaluationFault {
  const items = itemsOf(list);
  charge(budget, items.length);
  let least: Value | undefined;
  for (const item of items) {
    if (typeof item !== "string" && numeric(item) === undefined) return noMinimum(item);
    const difference = least === undefined ? -1 : order(item, least);
    if (difference === undefined) return noMinimum(item);
    if (difference < 0) least = item;
  }
  return least === undefined ? fault("bad-value", "min() needs a list that is not empty") : least;
}

function noMinimum(item: Value): EvaluationFault {
  const reason = `no such overload: min() takes numbers or strings, not ${typeName(item)}`;
  return fault("no-such-overload", reason);
}

function produced(items: readonly Value[], budget: Budget): ListValue {
  charge(budget, items.length);
  return listOf(items);
}

/** Rules FN-5, FN-7, FN-10 and FN-11. */
export const COLLECTION_ROWS: readonly FunctionRow[] = [
  row("FN-5", {
    name: "size",
    parameters: [["text", "string"]],
    result: "int",
    doc: "How many code points a text has.",
    example: ["size('naïve')", "5"],
    run: (budget, text) => (charge(budget, text.length), codePoints(text)),
  }),
  row("FN-5", {
    name: "size",
    parameters: [["list", "list"]],
    result: "int",
    doc: "How many elements a list has.",
    example: ["[1, 2].size()", "2"],
    run: (_, list) => itemsOf(list).length,
  }),
  row("FN-5", {
    name: "size",
    parameters: [["map", "map"]],
    result: "int",
    doc: "How many entries a map has.",
    example: ["size({'a': 1})", "1"],
    run(budget, map) {
      const size = sizeOfMap(map);
      charge(budget, size);
      return size;
    },
  }),
  row("FN-5", {
    name: "size",
    parameters: [["bytes", "bytes"]],
    result: "int",
    doc: "How many bytes there are.",
    example: ["size(b'abc')", "3"],
    run: (_, bytes) => bytes.length,
  }),
  row("EX-39b", {
    name: "size",
    parameters: [["nothing", "null"]],
    result: "int",
    doc: "The size of null is zero.",
    example: ["size(null)", "0"],
    run: () => 0,
  }),
  row("FN-7", {
    name: "contains",
    parameters: [["list", "list"], ["wanted", "any"]],
    result: "bool",
    doc: "Whether some element of the list equals the value.",
    example: ["[1, 2].contains(2)", "true"],
    run: contains,
  }),
  row("FN-7", {
    name: "contains",
    parameters: [["map", "map"], ["key", "any"]],
    result: "bool",
    doc: "Whether the map has the key.",
    example: ["{'a': 1}.contains('a')", "true"],
    run: (_, map: MapValue, key) => valueAt(map, key) !== undefined,
  }),
  row("FN-10", {
    name: "keys",
    parameters: [["map", "map"]],
    result: "list",
    doc: "The keys of a map in its order.",
    example: ["{'b': 1, 'a': 2}.keys()", "['b', 'a']"],
    run: (budget, map) => produced(keysOf(map), budget),
  }),
  row("FN-10", {
    name: "values",
    parameters: [["map", "map"]],
    result: "list",
    doc: "The values of a map in its order.",
    example: ["{'b': 1, 'a': 2}.values()", "[1, 2]"],
    run: (budget, map) => produced(valuesOf(map), budget),
  }),
  row("FN-11", {
    name: "min",
    parameters: [["list", "list"]],
    result: "any",
    doc: "The smallest element of a list of numbers or of texts that is not empty.",
    example: ["[3, 1, 2].min()", "1"],
    run: minimum,
  }),
];
