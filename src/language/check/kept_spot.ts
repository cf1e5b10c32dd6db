// SPDX-License-Identifier: Apache-2.0

import { type ExpressionPart, spanInFile } from "../compile_leaf.ts";
import { sourceOfExpression } from "../expression_text.ts";
import type { Decoding } from "../decoder.ts";
import { type DocumentPath, pathText } from "../document_path.ts";
import type { Span } from "../expression/mod.ts";
import { type DiagnosticSpot, spotAt } from "../report_diagnostic.ts";
import { textMapOf } from "../text_map.ts";
import {
  type ExpressionSketch,
  freeIn,
  type Sketch,
  type SketchExpression,
  UNKNOWN_SKETCH,
} from "./sketch.ts";
import { UNKNOWN } from "./static_type.ts";

/** The variables of a Workflow of which something is known once its Logic is. */
const CHANGING: readonly string[] = ["steps", "value", "inputs"];

/**
 * An expression that is checked later, when the definitions it refers to are known. Keeps its
 * source and its lines; the file and the syntax tree do not stay in memory for it. Of what nothing
 * will ever be known nothing is kept.
 */
export function sketchLater(decoding: Decoding): SketchExpression {
  return (part): Sketch => {
    const [source] = sourceOfExpression(part.node.value);
    const { free } = freeIn(decoding.expressions.analyse(source), CHANGING);
    if (free === UNKNOWN) return UNKNOWN_SKETCH;
    const kept = keptExpression(source, keptLines(part, decoding), {
      file: decoding.source.file,
      path: part.path,
    });
    return free === undefined ? kept : { ...kept, free };
  };
}

/** Made apart from the document, so that the function in it holds nothing of that. */
function keptExpression(
  source: string,
  lines: readonly KeptLine[],
  { file, path }: Omit<KeptSpan, keyof Span>,
): ExpressionSketch {
  return { type: "expression", source, spot: (span) => spotIn(lines, { ...span, file, path }) };
}

/** The characters of an expression that stand in one line of the file. */
interface KeptLine {
  /** Offset in the source of the expression. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly text?: string;
}

function keptLines(part: ExpressionPart, decoding: Decoding): readonly KeptLine[] {
  const [, skipped] = sourceOfExpression(part.node.value);
  return textMapOf(decoding.source.text, part.node).map(([valueOffset]) => {
    const offset = Math.max(0, valueOffset - skipped);
    const span = spanInFile(part, { start: offset, end: offset + 1 }, decoding);
    const { line, column, excerpt } = spotAt(decoding.source, span);
    return { offset, line, column, ...(excerpt ? { text: excerpt.text } : {}) };
  });
}

/** A part of an expression whose lines are kept. */
interface KeptSpan extends Span {
  readonly file: string;
  readonly path: DocumentPath | undefined;
}

function spotIn(lines: readonly KeptLine[], { start, end, file, path }: KeptSpan): DiagnosticSpot {
  const first = lineAt(lines, start);
  const last = lineAt(lines, Math.max(start, end - 1));
  const { line, text } = first;
  const endColumn = last.column + Math.max(start, end - 1) - last.offset + 1;
  return {
    file,
    line,
    column: first.column + start - first.offset,
    path: pathText(path),
    ...(text === undefined
      ? {}
      : { excerpt: { text, endColumn: last.line === line ? endColumn : text.length + 1 } }),
  };
}

function lineAt(lines: readonly KeptLine[], offset: number): KeptLine {
  const found = lines.findLast((line) => line.offset <= offset) ?? lines[0];
  if (found === undefined) throw new TypeError("Cannot place an expression without lines");
  return found;
}
