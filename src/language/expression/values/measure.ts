// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { type EvaluationFault, fault } from "../fault.ts";
import { isList, isMap, itemsOf, type ListValue, type MapValue, valuesOf } from "./containers.ts";
import { isRawMap, type Value } from "./value.ts";

/** The most nodes a value may have that an expression makes (LM-9). */
export const MAX_NODES = 1_000_000;

/** The deepest nesting of a value (LM-4). */
const MAX_DEPTH = 100;

/** The longest text an expression may make, in bytes of UTF-8 (LM-8). */
export const MAX_TEXT = 1024 * 1024;

/** How large a container is. */
interface Measure {
  readonly nodes: number;
  readonly depth: number;
}

/** Containers from this size on are measured once only, since they may be used many times. */
const REMEMBERED_NODES = 512;

const remembered = new WeakMap<object, Measure>();

/** How many nodes are measured for one cost unit. */
const NODES_PER_UNIT = 100;

/**
 * Counts a container that is put into another one.
 *
 * The count goes on through the whole expression, so it exceeds the size of any one value made;
 * only when it passes the limit is the value at hand measured exactly.
 */
export function grow(part: Value, budget: Budget): EvaluationFault | undefined {
  return typeof part === "object" && part !== null ? count(part, MAX_DEPTH - 1, budget) : undefined;
}

/** Counts a container that something else than a literal or a macro made. */
export function countMade(made: Value, budget: Budget): EvaluationFault | undefined {
  return count(made, MAX_DEPTH, budget);
}

function count(value: Value, maxDepth: number, budget: Budget): EvaluationFault | undefined {
  const flat = flatNodes(value);
  if (flat === 0) return countNested(value, maxDepth, budget);
  budget.madeNodes += flat;
  budget.left -= (flat / NODES_PER_UNIT) | 0;
  return undefined;
}

/**
 * The nodes of a small list or map of scalars; 0 for every other value. Most containers are such,
 * and counting them so makes nothing and remembers nothing.
 */
function flatNodes(value: Value): number {
  if (Array.isArray(value)) {
    return value.length < REMEMBERED_NODES - 1 && areScalars(value) ? value.length + 1 : 0;
  }
  // To begin to list the keys of a large map lists all of them: once is enough.
  if (!isRawMap(value) || remembered.has(value)) return 0;
  let nodes = 1;
  for (const key in value) {
    if (!isScalar(value[key] as Value) || ++nodes === REMEMBERED_NODES) return 0;
  }
  return nodes;
}

function areScalars(values: readonly Value[]): boolean {
  for (let index = 0; index < values.length; index++) {
    if (!isScalar(values[index] as Value)) return false;
  }
  return true;
}

function isScalar(value: Value): boolean {
  return typeof value !== "object" || value === null;
}

function countNested(
  value: Value,
  maxDepth: number,
  budget: Budget,
): EvaluationFault | undefined {
  const isKnown = remembered.has(value as object);
  const { nodes, depth } = measure(value);
  if (depth > maxDepth) {
    return fault("nesting-too-deep", `nesting-too-deep: more than ${MAX_DEPTH} levels`);
  }
  budget.madeNodes += nodes;
  if (!isKnown) budget.left -= (nodes / NODES_PER_UNIT) | 0;
  return nodes > MAX_NODES ? tooLarge() : undefined;
}

/** The fault of a finished container that is too large. */
export function checkSize(made: Value, budget: Budget): EvaluationFault | undefined {
  if (budget.madeNodes <= MAX_NODES) return undefined;
  budget.madeNodes = 0;
  return measure(made).nodes > MAX_NODES ? tooLarge() : undefined;
}

function tooLarge(): EvaluationFault {
  return fault("value-too-large", `value-too-large: more than ${MAX_NODES} nodes`);
}

/** Counts the nodes of a value; stops beyond the limits. */
function measure(value: Value): Measure {
  if (typeof value !== "object" || value === null) return { nodes: 1, depth: 0 };
  const known = remembered.get(value);
  if (known !== undefined) return known;
  if (!isList(value) && !isMap(value)) return { nodes: 1, depth: 0 };
  const measured = measureParts(value);
  if (measured.nodes >= REMEMBERED_NODES) remembered.set(value, measured);
  return measured;
}

function measureParts(container: ListValue | MapValue): Measure {
  let nodes = 1;
  let depth = 0;
  for (const part of isList(container) ? itemsOf(container) : valuesOf(container)) {
    const measured = measure(part);
    nodes += measured.nodes;
    depth = Math.max(depth, measured.depth);
    if (nodes > MAX_NODES || depth > MAX_DEPTH) break;
  }
  return { nodes, depth: depth + 1 };
}

/** Charges a text that an expression made, and refuses one that is too long. */
export function checkText(text: string, budget: Budget): string | EvaluationFault {
  budget.left -= (text.length / 10) | 0;
  return text.length * 3 > MAX_TEXT && utf8Length(text) > MAX_TEXT
    ? fault("string-too-long", `string-too-long: more than ${MAX_TEXT} bytes`)
    : text;
}

function utf8Length(text: string): number {
  if (text.length > MAX_TEXT) return text.length;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    length += unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
  }
  return length;
}
