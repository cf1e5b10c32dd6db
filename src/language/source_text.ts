// SPDX-License-Identifier: Apache-2.0

import type { SourcePlace } from "./diagnostic.ts";
import type { Span } from "./expression/syntax/ast.ts";

export type { Span };

/** The text of a file, asked for places. */
export interface SourceText {
  /** The name it was read under. */
  readonly file: string;
  /** All of it; empty for data that was not read from text. */
  readonly text: string;
  /** The line and column of an offset; offsets outside are clamped. */
  placeAt(offset: number): SourcePlace;
  /** The line at an offset without its line break, and the offset of its first character. */
  lineAt(offset: number): { readonly text: string; readonly start: number };
}

/** Makes a text that can be asked for places. Lines are counted when first asked. */
export function createSourceText(file: string, text: string): SourceText {
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
      return { file, line: line + 1, column };
    },
    lineAt(offset) {
      const start = startOf(lineIndex(offset));
      const end = text.indexOf("\n", start);
      return { text: text.slice(start, end < 0 ? undefined : end).replace(/\r$/, ""), start };
    },
  };
}

function lineStarts(text: string): readonly number[] {
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
