// SPDX-License-Identifier: Apache-2.0

import type { SourcePlace } from "./diagnostic.ts";
import type { Span } from "./expression/syntax/ast.ts";

export type { Span };

/** The text of a document, asked for places. */
export interface SourceText {
  /** The name its file was read under. */
  readonly file: string;
  /** All of it; empty for data that was not read from text. */
  readonly text: string;
  /** The line and column of an offset; offsets outside are clamped. */
  placeAt(offset: number): SourcePlace;
  /** The line at an offset without its line break, and the offset of its first character. */
  lineAt(offset: number): { readonly text: string; readonly start: number };
}

/**
 * Makes a text that can be asked for places. Lines are counted when first asked, from `firstLine`:
 * that of the first line of the text in its file.
 */
export function createSourceText(file: string, text: string, firstLine = 1): SourceText {
  let starts: readonly number[] | undefined;
  const lineIndex = (offset: number) => {
    starts ??= lineStarts(text);
    return lastNotAbove(starts, Math.max(0, Math.min(offset, text.length)));
  };
  const startOf = (line: number) => starts?.[line] ?? 0;
  return {
    file,
    text,
    placeAt(offset) {
      const line = lineIndex(offset);
      const column = Math.max(0, Math.min(offset, text.length)) - startOf(line) + 1;
      return { file, line: line + firstLine, column };
    },
    lineAt(offset) {
      // A line may be as long as the document: it is not looked through for its end.
      const line = lineIndex(offset);
      const start = startOf(line);
      const stop = (starts?.[line + 1] ?? text.length + 1) - 1;
      return { text: text.slice(start, text[stop - 1] === "\r" ? stop - 1 : stop), start };
    },
  };
}

/**
 * A copy of a text that does not keep the whole file in memory: names and expressions of a
 * definition are slices of the text they were read from.
 */
export function ownText(text: string): string {
  return ` ${text}`.slice(1);
}

/** Where the lines of a text begin. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function lastNotAbove(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
