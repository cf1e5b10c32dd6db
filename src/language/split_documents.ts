// SPDX-License-Identifier: Apache-2.0

import type { Span } from "./source_text.ts";

/**
 * The parts of a file that are read one by one: each begins at a line `---`, or at the directives
 * before it.
 *
 * No scalar can hold a line that begins with `---` (YAML 1.2, `c-forbidden`), so this is exact,
 * and what is broken in one document cannot swallow the next.
 */
export function splitDocuments(text: string): readonly Span[] {
  const starts = documentStarts(text);
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? text.length }));
}

const MARKER = /^(?:---(?=[ \t\r\n]|$(?![\s\S]))|\.\.\.(?=[ \t\r\n]|$(?![\s\S]))|%)/gm;

function documentStarts(text: string): readonly number[] {
  const starts = [0];
  let isBetween = true;
  let directives: number | undefined;
  for (const found of text.matchAll(MARKER)) {
    if (found[0] === "...") isBetween = true;
    else if (found[0] === "%") directives ??= isBetween ? found.index : undefined;
    else {
      starts.push(directives ?? found.index);
      isBetween = false;
      directives = undefined;
    }
  }
  return starts;
}
