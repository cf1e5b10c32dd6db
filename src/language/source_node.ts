// SPDX-License-Identifier: Apache-2.0

import { jsonObject, type JsonValue } from "./json.ts";
import type { Span } from "./source_text.ts";

/** How a scalar is written. Parsed data has no style. */
export type ScalarStyle = "plain" | "single" | "double" | "literal" | "folded";

/** A scalar of a document. */
export interface ScalarNode extends Span {
  /** Tells it from the other nodes. */
  readonly type: "scalar";
  /** As the core schema reads it. */
  readonly value: null | boolean | number | bigint | string;
  /** How it is written. */
  readonly style?: ScalarStyle;
}

/** A list of a document. */
export interface ListNode extends Span {
  /** Tells it from the other nodes. */
  readonly type: "list";
  /** In order. */
  readonly items: readonly SourceNode[];
}

/** A key of a map with its value. */
export interface MapEntry {
  /** The key as text. */
  readonly key: string;
  /** Where the key stands. */
  readonly keySpan: Span;
  /** What it leads to. */
  readonly value: SourceNode;
}

/** A map of a document: every key once, merge keys resolved. */
export interface MapNode extends Span {
  /** Tells it from the other nodes. */
  readonly type: "map";
  /** In document order. */
  readonly entries: readonly MapEntry[];
}

/**
 * A node of a document with its place in the file. An aliased node stands in several places of
 * the tree and keeps the place of its anchor.
 */
export type SourceNode = ScalarNode | ListNode | MapNode;

/** The entry of a key, if `node` is a map that has it. */
export function entryOf(node: SourceNode | undefined, key: string): MapEntry | undefined {
  return node?.type === "map" ? node.entries.find((entry) => entry.key === key) : undefined;
}

/** The text at the end of a chain of keys, if it leads to a string. */
export function textAt(node: SourceNode | undefined, ...path: string[]): string | undefined {
  const found = path.reduce((at: SourceNode | undefined, key) => entryOf(at, key)?.value, node);
  return found?.type === "scalar" && typeof found.value === "string" ? found.value : undefined;
}

/** The value of a node, places left out. */
export function nodeValue(node: SourceNode): JsonValue {
  switch (node.type) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(nodeValue);
    case "map":
      return jsonObject(node.entries.map((entry) => [entry.key, nodeValue(entry.value)] as const));
  }
}

const NOWHERE: Span = { start: 0, end: 0 };

/** The node of a value that was read without places. */
export function nodeFromValue(value: JsonValue): SourceNode {
  if (Array.isArray(value)) return { type: "list", items: value.map(nodeFromValue), ...NOWHERE };
  if (typeof value !== "object" || value === null) {
    return { type: "scalar", value: value as ScalarNode["value"], ...NOWHERE };
  }
  const entries = Object.entries(value as Record<string, JsonValue>)
    .map(([key, member]) => ({ key, keySpan: NOWHERE, value: nodeFromValue(member) }));
  return { type: "map", entries, ...NOWHERE };
}

/** What a node is called in messages. */
export function nodeTypeName(node: SourceNode): string {
  if (node.type !== "scalar") return node.type;
  if (node.value === null) return "null";
  switch (typeof node.value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    default:
      return Number.isInteger(node.value) ? "int" : "double";
  }
}
