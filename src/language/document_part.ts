// SPDX-License-Identifier: Apache-2.0

import { type DocumentPath, pathTo } from "./document_path.ts";
import type { MapNode, SourceNode } from "./source_node.ts";
import type { Span } from "./source_text.ts";

/** A part of a document, and where a fault in it is shown. */
export interface DocumentPart {
  readonly node: SourceNode;
  readonly path: DocumentPath | undefined;
  /** The key, or the item itself. */
  readonly span: Span;
}

/** The parts of a map, one for each key. */
export function partsOf(node: MapNode, path: DocumentPath | undefined): readonly DocumentPart[] {
  return node.entries.map(({ key, keySpan, value }) => ({
    node: value,
    path: pathTo(path, key),
    span: keySpan,
  }));
}
