// SPDX-License-Identifier: Apache-2.0

import type { Span } from "./source_text.ts";

/**
 * The parts of a file that are read one by one, each with one document at most: it begins at a line
 * `---`, or at the directives before it, or after a line `...`.
 *
 * No scalar can hold a line that begins with one of these (YAML 1.2, `c-forbidden`), so this is
 * exact, and what is broken in one document cannot swallow the next.
 */
export function* splitDocuments(text: string): Generator<Span, void, undefined> {
  let start = 0;
  // One by one: a file of 16 MiB may hold four million of them.
  for (const end of documentStarts(text)) {
    yield { start, end };
    start = end;
  }
  yield { start, end: text.length };
}

const MARKER = /^(?:---(?=[ \t\r\n]|$(?![\s\S]))|\.\.\.(?=[ \t\r\n]|$(?![\s\S]))|%)/gm;

/** A line `---` with nothing but a comment. */
const BARE_MARKER = /^---[ \t]*(?:#.*)?\r?\n/;

/**
 * How long the marker is that a part begins with, where it says no more than that a document
 * begins: not one after directives, nor one before a line that would be a directive without it.
 */
export function bareMarkerLength(part: string): number {
  const [marker = ""] = BARE_MARKER.exec(part) ?? [];
  return /^%/m.test(part) ? 0 : marker.length;
}

/** Where the second document begins, and each one after it. */
function* documentStarts(text: string): Generator<number, void, undefined> {
  let isBetween = true;
  let directives: number | undefined;
  for (const found of text.matchAll(MARKER)) {
    if (found[0] === "...") {
      isBetween = true;
      const lineEnd = text.indexOf("\n", found.index);
      if (lineEnd >= 0) yield lineEnd + 1;
    } else if (found[0] === "%") directives ??= isBetween ? found.index : undefined;
    else {
      yield directives ?? found.index;
      isBetween = false;
      directives = undefined;
    }
  }
}
