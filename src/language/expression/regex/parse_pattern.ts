// SPDX-License-Identifier: Apache-2.0

import { ignoringCase, inRanges, not, tabulated } from "./character_test.ts";
import { foldCase } from "./case_folding.ts";
import { parseClass } from "./parse_class.ts";
import { classEscape, literalEscape } from "./parse_escape.ts";
import { parseGroupOpening } from "./parse_group.ts";
import { type Pattern, PatternSyntaxError } from "./pattern.ts";
import { createPatternCursor, type PatternCursor } from "./pattern_cursor.ts";

const EMPTY: Pattern = { type: "sequence", parts: [] };

/** The most repetitions a pattern may count. */
const MAX_COUNT = 1000;

/**
 * Reads a pattern in the syntax of RE2, look-around included (FN-8).
 *
 * @throws {PatternSyntaxError} If the text is no such pattern
 */
export function parsePattern(source: string): Pattern {
  const cursor = createPatternCursor(source);
  const pattern = parseChoice(cursor);
  if (cursor.peek() !== "") throw new PatternSyntaxError('")" closes nothing');
  return pattern;
}

function parseChoice(cursor: PatternCursor): Pattern {
  const options = [parseSequence(cursor)];
  while (cursor.accept("|")) options.push(parseSequence(cursor));
  const [only] = options;
  return options.length === 1 && only !== undefined ? only : { type: "choice", options };
}

function parseSequence(cursor: PatternCursor): Pattern {
  const parts: Pattern[] = [];
  while (!["", "|", ")"].includes(cursor.peek())) {
    const quoted = cursor.accept("\\Q") ? parseQuoted(cursor) : undefined;
    if (quoted === undefined) parts.push(parseRepeat(cursor));
    else {parts.push(
        ...quoted.slice(0, -1),
        ...quoted.slice(-1).map((last) => repeated(cursor, last)),
      );}
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { type: "sequence", parts };
}

/** `\Q…\E`: every character stands for itself. */
function parseQuoted(cursor: PatternCursor): readonly Pattern[] {
  const parts: Pattern[] = [];
  while (cursor.peek() !== "" && !cursor.accept("\\E")) {
    parts.push(character(cursor, cursor.take().codePointAt(0) ?? 0));
  }
  return parts;
}

function parseRepeat(cursor: PatternCursor): Pattern {
  return repeated(cursor, parseAtom(cursor));
}

/** The pattern with the repetition that follows, of which there may be one. */
function repeated(cursor: PatternCursor, body: Pattern): Pattern {
  const counts = parseCounts(cursor);
  if (counts === undefined) return body;
  cursor.accept("?");
  if (parseCounts(cursor) !== undefined) {
    throw new PatternSyntaxError("a repetition is repeated: put it into a group");
  }
  return { type: "repeat", body, ...counts };
}

interface Counts {
  readonly min: number;
  readonly max: number;
}

function parseCounts(cursor: PatternCursor): Counts | undefined {
  if (cursor.accept("*")) return { min: 0, max: Infinity };
  if (cursor.accept("+")) return { min: 1, max: Infinity };
  if (cursor.accept("?")) return { min: 0, max: 1 };
  return cursor.peek() === "{" ? parseBraces(cursor) : undefined;
}

const BRACES = /^(\d+)(?:(,)(\d*))?$/;

/** `{2}`, `{2,}` or `{2,5}`; any other brace stands for itself. */
function parseBraces(cursor: PatternCursor): Counts | undefined {
  const mark = cursor.mark();
  cursor.take();
  const [, low, comma, high] = BRACES.exec(cursor.takeUntil("}") ?? "") ?? [];
  if (low === undefined) {
    cursor.reset(mark);
    return undefined;
  }
  const min = Number(low);
  const max = comma === undefined ? min : high === "" ? Infinity : Number(high);
  if (min > MAX_COUNT || (max > MAX_COUNT && max !== Infinity) || min > max) {
    throw new PatternSyntaxError(`a repetition counts up to ${MAX_COUNT}, the lower number first`);
  }
  return { min, max };
}

function parseAtom(cursor: PatternCursor): Pattern {
  const next = cursor.take();
  switch (next) {
    case "(":
      return cursor.nested(() => parseGroup(cursor));
    case "[":
      return { type: "character", test: tabulated(parseClass(cursor)) };
    case ".":
      return { type: "character", test: cursor.flags.dotAll ? () => true : NO_NEW_LINE };
    case "^":
      return { type: "place", place: cursor.flags.multiLine ? "lineStart" : "textStart" };
    case "$":
      return { type: "place", place: cursor.flags.multiLine ? "lineEnd" : "textEnd" };
    case "\\":
      return parseEscape(cursor);
    case "*":
    case "+":
    case "?":
      throw new PatternSyntaxError(`"${next}" repeats nothing`);
    default:
      return character(cursor, next.codePointAt(0) ?? 0);
  }
}

const NO_NEW_LINE = not(inRanges([[0x0a, 0x0a]]));

function character({ flags }: PatternCursor, codePoint: number): Pattern {
  const isCaseless = flags.ignoreCase;
  const folded = foldCase(codePoint);
  const test = isCaseless
    ? (given: number) => given === codePoint || foldCase(given) === folded
    : (given: number) => given === codePoint;
  return { type: "character", test: isCaseless ? tabulated(test) : test };
}

function parseEscape(cursor: PatternCursor): Pattern {
  const place = PLACES.get(cursor.peek());
  if (place !== undefined) {
    cursor.take();
    return { type: "place", place };
  }
  const test = classEscape(cursor);
  if (test === undefined) return character(cursor, literalEscape(cursor));
  const folded = cursor.flags.ignoreCase ? ignoringCase(test) : test;
  return { type: "character", test: tabulated(folded) };
}

const PLACES = new Map(
  [
    ["A", "textStart"],
    ["z", "textEnd"],
    ["b", "wordBoundary"],
    ["B", "noWordBoundary"],
  ] as const,
) as ReadonlyMap<string, "textStart" | "textEnd" | "wordBoundary" | "noWordBoundary">;

/** A group; flags set inside it end with it. */
function parseGroup(cursor: PatternCursor): Pattern {
  const outer = cursor.flags;
  const opening = parseGroupOpening(cursor);
  if (opening.type === "flags") {
    cursor.flags = opening.flags;
    return EMPTY;
  }
  cursor.flags = opening.flags;
  const body = parseChoice(cursor);
  if (!cursor.accept(")")) throw new PatternSyntaxError('")" is missing');
  cursor.flags = outer;
  if (opening.type === "group") return body;
  return { type: "look", body, isAhead: opening.isAhead, isNegative: opening.isNegative };
}
