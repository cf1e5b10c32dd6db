// SPDX-License-Identifier: Apache-2.0

import type { ParsedNode } from "yaml";
import type { Diagnostic } from "./diagnostic.ts";
import { createDiagnostic, type Finding } from "./report_diagnostic.ts";
import type { Pace } from "./slices.ts";
import { MAX_NESTING, MAX_NODES, TOO_DEEP, TOO_MANY_NODES } from "./source_document.ts";
import type { SourceNode } from "./source_node.ts";
import type { SourceText, Span } from "./source_text.ts";
import { type ComposedPieces, firstItemsOf } from "./yaml_pieces.ts";

/** A converted node, with what it counts for when an alias repeats it. */
export interface Converted {
  readonly node: SourceNode;
  readonly height: number;
  readonly size: number;
}

/** What is collected while a document is converted. */
export interface Conversion {
  readonly source: SourceText;
  readonly anchors: Map<string, Converted | "open">;
  readonly diagnostics: Diagnostic[];
  /** Collections around the present node. */
  depth: number;
  /** Nodes so far, aliases expanded. */
  size: number;
  readonly pace: Pace;
  /** What was composed apart. */
  readonly pieces: ComposedPieces;
}

/** Ends a conversion that exceeded a limit; `convertYaml` alone sees it. */
export class LimitExceeded extends RangeError {
  override readonly name = "LimitExceeded";
}

/** So many findings of one document are told. */
const MAX_FINDINGS = 200;

/** Reports a finding. */
export function report(conversion: Conversion, span: Span, finding: Finding): void {
  if (conversion.diagnostics.length >= MAX_FINDINGS) return;
  conversion.diagnostics.push(createDiagnostic(conversion.source, span, finding));
}

/** Reports what a document has too much of, and ends its conversion. */
export function exceeded(conversion: Conversion, span: Span, finding: Finding): never {
  conversion.diagnostics.push(createDiagnostic(conversion.source, span, finding));
  throw new LimitExceeded(finding.message);
}

/** The span of what is in a node. */
export function spanOf(node: ParsedNode | null): Span {
  const [start, end] = node?.range ?? [0, 0];
  return { start, end };
}

/** The span of a node, also where only the last items of a collection are in it. */
export function wholeSpan(node: ParsedNode | null, { pieces }: Conversion): Span {
  const first = node && firstItemsOf(node, pieces);
  return first ? { ...spanOf(node), start: first.start } : spanOf(node);
}

/** Counts nodes (LM-3). */
export function countNodes(size: number, span: Span, conversion: Conversion): void {
  conversion.size += size;
  if (conversion.size <= MAX_NODES) return;
  exceeded(conversion, span, TOO_MANY_NODES);
}

/** Looks how deep it is in a node of this height (LM-4). */
export function checkDepth(height: number, span: Span, conversion: Conversion): void {
  if (conversion.depth + height <= MAX_NESTING) return;
  exceeded(conversion, span, TOO_DEEP);
}
