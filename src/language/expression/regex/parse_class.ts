// SPDX-License-Identifier: Apache-2.0

import { posixClass } from "./character_classes.ts";
import {
  anyOf,
  type CharacterTest,
  ignoringCase,
  inRanges,
  not,
  type Range,
} from "./character_test.ts";
import { classEscape, literalEscape } from "./parse_escape.ts";
import { PatternSyntaxError } from "./pattern.ts";
import type { PatternCursor } from "./pattern_cursor.ts";

/** Reads a class such as `[^a-z\d]`; the opening bracket is behind. */
export function parseClass(cursor: PatternCursor): CharacterTest {
  const isOpposite = cursor.accept("^");
  const tests: CharacterTest[] = [];
  const ranges: Range[] = [];
  for (let isFirst = true; isFirst || !cursor.accept("]"); isFirst = false) {
    const test = parseNamed(cursor);
    if (test === undefined) ranges.push(parseRange(cursor));
    else tests.push(test);
  }
  const test = anyOf(ranges.length > 0 ? [inRanges(ranges), ...tests] : tests);
  const folded = cursor.flags.ignoreCase ? ignoringCase(test) : test;
  return isOpposite ? not(folded) : folded;
}

/** `[:alpha:]`, `\d` or `\p{L}` within a class. */
function parseNamed(cursor: PatternCursor): CharacterTest | undefined {
  const mark = cursor.mark();
  if (cursor.accept("[:")) {
    const name = cursor.takeUntil(":]");
    if (name !== undefined) return posixClass(name) ?? refuseName();
  } else if (cursor.accept("\\")) {
    const test = classEscape(cursor);
    if (test !== undefined) return test;
  }
  cursor.reset(mark);
  return undefined;
}

function refuseName(): never {
  throw new PatternSyntaxError("there is no such class of characters");
}

function parseRange(cursor: PatternCursor): Range {
  const first = parseEnd(cursor);
  const mark = cursor.mark();
  if (!cursor.accept("-") || cursor.peek() === "]") {
    cursor.reset(mark);
    return [first, first];
  }
  const last = parseEnd(cursor);
  if (last < first) throw new PatternSyntaxError("a range of characters ends before it begins");
  return [first, last];
}

function parseEnd(cursor: PatternCursor): number {
  const next = cursor.take();
  if (next === "") throw new PatternSyntaxError('"]" is missing');
  return next === "\\" ? literalEscape(cursor) : next.codePointAt(0) ?? 0;
}
