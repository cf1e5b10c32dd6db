// SPDX-License-Identifier: Apache-2.0

import { DIAGNOSTIC_CODES, type DiagnosticCode } from "./diagnostic_codes.ts";
import type { Diagnostic, RelatedPlace } from "./diagnostic.ts";
import type { SourceText, Span } from "./source_text.ts";

/** What is said of a part of a source. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly path?: string;
  readonly help?: string | undefined;
  readonly related?: readonly RelatedPlace[];
}

/** The longest line that a code frame keeps. */
const MAX_EXCERPT = 400;

/** A place that diagnostics can be made for, also when the text is gone. */
export type DiagnosticSpot =
  & Pick<Diagnostic, "file" | "line" | "column">
  & Pick<Diagnostic, "excerpt" | "path">;

/** The spot of a part of a source. */
export function spotAt(source: SourceText, span: Span, path?: string): DiagnosticSpot {
  return { ...source.placeAt(span.start), ...(path ? { path } : {}), ...excerptOf(source, span) };
}

/** The diagnostic of a finding at a spot. */
export function diagnosticAt(spot: DiagnosticSpot, finding: Finding): Diagnostic {
  const { code, message, help, related } = finding;
  const path = finding.path ?? spot.path;
  return {
    file: spot.file,
    line: spot.line,
    column: spot.column,
    severity: DIAGNOSTIC_CODES[code].severity,
    code,
    message,
    ...(path ? { path } : {}),
    ...(help ? { help } : {}),
    ...(related && related.length > 0 ? { related } : {}),
    ...(spot.excerpt ? { excerpt: spot.excerpt } : {}),
  };
}

/** The diagnostic of a finding at a part of a source. */
export function createDiagnostic(source: SourceText, span: Span, finding: Finding): Diagnostic {
  return diagnosticAt(spotAt(source, span), finding);
}

/** The line of the span, unless the document was not read from text. */
function excerptOf(source: SourceText, span: Span): Pick<Diagnostic, "excerpt"> {
  if (source.text === "") return {};
  const line = source.lineAt(span.start);
  if (span.start - line.start > MAX_EXCERPT) return {};
  const text = lineCopy(source, line);
  const end = Math.min(Math.max(span.end, span.start + 1) - line.start, text.length);
  return { excerpt: { text, endColumn: Math.max(end, span.start - line.start + 1) + 1 } };
}

/** The lines of texts that places show, each once. */
const copies = new WeakMap<SourceText, Map<number, string>>();

/** A copy of a line: a slice would keep the whole file in memory. */
function lineCopy(source: SourceText, line: { readonly text: string; readonly start: number }) {
  const known = copies.get(source) ?? new Map<number, string>();
  copies.set(source, known);
  const copy = known.get(line.start) ?? ` ${line.text.slice(0, MAX_EXCERPT)}`.slice(1);
  known.set(line.start, copy);
  return copy;
}

/** Orders diagnostics by file, line and column, then by what they say. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column ||
    compareText(a.code, b.code) || compareText(a.message, b.message);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
