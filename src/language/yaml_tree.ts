// SPDX-License-Identifier: Apache-2.0

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Diagnostic } from "./diagnostic.ts";
import type { MapEntry, ScalarNode, ScalarStyle, SourceNode } from "./source_node.ts";
import { createPace, type Slices } from "./slices.ts";
import type { SourceText, Span } from "./source_text.ts";
import {
  checkDepth,
  type Conversion,
  type Converted,
  countNodes,
  LimitExceeded,
  report,
  spanOf,
  wholeSpan,
} from "./yaml_conversion.ts";
import { type ComposedPieces, firstItemsOf } from "./yaml_pieces.ts";
import {
  ambiguousFinding,
  CORE_TAG,
  isAmbiguousScalar,
  readScalar,
  SCALAR_TAGS,
} from "./read_scalar.ts";

/** A converted document. */
export interface YamlTree {
  readonly root?: SourceNode;
  readonly isEmpty: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Nodes that are converted in a slice. */
const NODES_OF_SLICE = 500;

/** Converts a tree of the YAML library: core schema, aliases, merge keys (SD-3 to SD-5). */
export function* convertYaml(
  contents: ParsedNode | null,
  source: SourceText,
  pieces: ComposedPieces,
): Slices<YamlTree> {
  const conversion: Conversion = {
    source,
    anchors: new Map(),
    diagnostics: [],
    depth: 0,
    size: 0,
    pace: createPace(NODES_OF_SLICE),
    pieces,
  };
  const { diagnostics } = conversion;
  if (isEmptyNode(contents)) return { isEmpty: true, diagnostics };
  try {
    const { node: root } = yield* convert(contents, conversion);
    return { root, isEmpty: false, diagnostics };
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error;
    return { isEmpty: false, diagnostics };
  }
}

function isEmptyNode(contents: ParsedNode | null): contents is null {
  if (contents === null) return true;
  return isScalar(contents) && contents.source === "" && contents.type === "PLAIN" &&
    contents.tag === undefined;
}

function* convert(node: ParsedNode | null, conversion: Conversion): Slices<Converted> {
  const span = wholeSpan(node, conversion);
  if (isAlias(node)) return repeat(node.source, span, conversion);
  const anchor = node?.anchor;
  if (anchor) conversion.anchors.set(anchor, "open");
  const converted = yield* convertUnaliased(node, span, conversion);
  if (anchor) conversion.anchors.set(anchor, converted);
  return converted;
}

function* convertUnaliased(
  node: ParsedNode | null,
  span: Span,
  conversion: Conversion,
): Slices<Converted> {
  const before = conversion.size;
  countNodes(1, span, conversion);
  if (conversion.pace.spend(1)) yield;
  if (isScalar(node)) return leaf(convertScalar(node, span, conversion));
  if (!isMap(node) && !isSeq(node)) {
    return leaf({ type: "scalar", value: null, start: span.start, end: span.end });
  }
  checkDepth(1, span, conversion);
  conversion.depth += 1;
  checkTag(node.tag, isMap(node) ? COLLECTION_TAGS.map : COLLECTION_TAGS.list, span, conversion);
  const { made, height } = isMap(node)
    ? yield* convertMap(node as YAMLMap.Parsed, span, conversion)
    : yield* convertList(itemsOf(node, conversion) as readonly ParsedNode[], span, conversion);
  conversion.depth -= 1;
  return { node: made, height: height + 1, size: conversion.size - before };
}

/** All items of a collection. */
function itemsOf<T>(
  node: Pick<Node, "srcToken"> & { readonly items: T[] },
  { pieces }: Conversion,
) {
  const first = firstItemsOf(node, pieces);
  // They come from a collection of the same sort.
  return first === undefined ? node.items : [...first.items as readonly T[], ...node.items];
}

function leaf(node: SourceNode): Converted {
  return { node, height: 0, size: 1 };
}

interface Collection {
  readonly made: SourceNode;
  readonly height: number;
}

function* convertList(
  items: readonly ParsedNode[],
  span: Span,
  conversion: Conversion,
): Slices<Collection> {
  const converted: Converted[] = [];
  for (const item of items) converted.push(yield* convert(item, conversion));
  const made = { type: "list", items: converted.map(({ node }) => node), ...span } as const;
  return { made, height: converted.reduce((most, { height }) => Math.max(most, height), 0) };
}

/** A repeated node is shared; only the counts tell how often it stands there. */
function repeat(name: string, span: Span, conversion: Conversion): Converted {
  const target = conversion.anchors.get(name);
  if (target === undefined || target === "open") {
    report(conversion, span, {
      code: "yaml-syntax",
      message: target === "open"
        ? `Cannot use alias "${name}": it stands inside what it repeats`
        : `Cannot use alias "${name}": no anchor before it has this name`,
    });
    return leaf({ type: "scalar", value: null, start: span.start, end: span.end });
  }
  countNodes(target.size, span, conversion);
  checkDepth(target.height, span, conversion);
  return target;
}

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_LITERAL: "literal",
  BLOCK_FOLDED: "folded",
};

const COLLECTION_TAGS = { map: [`${CORE_TAG}map`], list: [`${CORE_TAG}seq`] } as const;
const CORE_TAGS = [...SCALAR_TAGS, ...COLLECTION_TAGS.map, ...COLLECTION_TAGS.list];

function checkTag(
  tag: string | undefined,
  allowed: readonly string[],
  span: Span,
  conversion: Conversion,
): boolean {
  if (tag === undefined || tag === "!" || allowed.includes(tag)) return true;
  report(conversion, span, {
    code: "unsupported-yaml",
    message: CORE_TAGS.includes(tag)
      ? `Cannot use tag "!!${tag.slice(CORE_TAG.length)}" here: it is not for such a value`
      : `Cannot use tag "${tag}": only tags of the core schema are read`,
  });
  return false;
}

function convertScalar(node: Scalar.Parsed, span: Span, conversion: Conversion): ScalarNode {
  const style = STYLES[node.type ?? "PLAIN"] ?? "plain";
  const text = node.source;
  if (!checkTag(node.tag, SCALAR_TAGS, span, conversion)) {
    return { type: "scalar", value: text, style, ...span };
  }
  const reading = readScalar(text, style, node.tag);
  if (reading.type === "unsupported") {
    report(conversion, span, {
      code: "unsupported-yaml",
      message: node.tag === undefined
        ? `Cannot use ${text}: there is no such value in JSON`
        : `Cannot read ${text} as "!!${node.tag.slice(CORE_TAG.length)}"`,
      help: `write "${text}" for the text`,
    });
    return { type: "scalar", value: null, ...span };
  }
  if (style === "plain" && node.tag === undefined && isAmbiguousScalar(text)) {
    report(conversion, span, ambiguousFinding(text, reading.value));
  }
  return { type: "scalar", value: reading.value, style, start: span.start, end: span.end };
}

/** A map while its entries are collected: merged entries give way to its own (merge keys). */
interface MapInProgress {
  readonly entries: Map<string, MapEntry & { readonly isMerged: boolean }>;
  height: number;
}

function* convertMap(
  node: YAMLMap.Parsed,
  span: Span,
  conversion: Conversion,
): Slices<Collection> {
  const map: MapInProgress = { entries: new Map(), height: 0 };
  let hasMerged = false;
  for (const { key, value } of itemsOf(node, conversion)) {
    const keySpan = spanOf(key);
    if (isMergeKey(key)) {
      if (hasMerged) reportDuplicate("<<", keySpan, conversion);
      hasMerged = true;
      mergeInto(map, yield* convert(value, conversion), conversion);
      continue;
    }
    const name = keyText(key, keySpan, conversion);
    const converted = yield* convert(value, conversion);
    if (name === undefined) continue;
    map.height = Math.max(map.height, converted.height);
    addEntry(map, { key: name, keySpan, value: converted.node }, conversion);
  }
  const entries = [...map.entries.values()];
  return { made: { type: "map", entries, ...span }, height: map.height };
}

function isMergeKey(key: ParsedNode | null): boolean {
  return isScalar(key) && key.type === "PLAIN" && key.source === "<<" && key.tag === undefined;
}

function addEntry(map: MapInProgress, entry: MapEntry, conversion: Conversion): void {
  const present = map.entries.get(entry.key);
  if (present && !present.isMerged) return reportDuplicate(entry.key, entry.keySpan, conversion);
  map.entries.set(entry.key, { ...entry, isMerged: false });
}

function reportDuplicate(key: string, span: Span, conversion: Conversion): void {
  report(conversion, span, {
    code: "duplicate-key",
    message: `Cannot use key "${key}" again: this map already has it`,
  });
}

/** Earlier maps of a merged list win over later ones, the map's own keys over all of them. */
function mergeInto(map: MapInProgress, merged: Converted, conversion: Conversion): void {
  map.height = Math.max(map.height, merged.height);
  const sources = merged.node.type === "list" ? merged.node.items : [merged.node];
  for (const source of sources) {
    if (source.type !== "map") {
      report(conversion, source, {
        code: "yaml-syntax",
        message: 'Cannot merge with "<<": expected a map or a list of maps',
      });
      continue;
    }
    for (const entry of source.entries) {
      if (!map.entries.has(entry.key)) map.entries.set(entry.key, { ...entry, isMerged: true });
    }
  }
}

/** The text of a key (SD-5); keys that are no scalars are refused. */
function keyText(key: ParsedNode | null, span: Span, conversion: Conversion): string | undefined {
  if (isAlias(key)) {
    const target = repeat(key.source, span, conversion).node;
    if (target.type === "scalar") return String(target.value);
  }
  if (isScalar(key)) {
    const node = convertScalar(key, span, conversion);
    if (key.anchor) conversion.anchors.set(key.anchor, leaf(node));
    return typeof node.value === "string" ? node.value : key.source || String(node.value);
  }
  if (key === null) return "null";
  report(conversion, span, {
    code: "unsupported-yaml",
    message: "Cannot use a list or map as a key: only scalars can be keys",
  });
  return undefined;
}
