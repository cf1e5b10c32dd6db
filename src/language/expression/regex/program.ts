// SPDX-License-Identifier: Apache-2.0

import type { CharacterTest } from "./character_test.ts";
import { type Pattern, PatternSyntaxError, type Place } from "./pattern.ts";

/** A step of a program; `next` is the index of the instruction that follows. */
export type Instruction =
  | {
    readonly type: "character";
    readonly test: CharacterTest;
    readonly isBackward: boolean;
    next: number;
  }
  | { readonly type: "place"; readonly place: Place; next: number }
  /** Goes on at both. */
  | { readonly type: "split"; next: number; other: number }
  /** Notes where a round of a loop begins. */
  | { readonly type: "begin"; readonly loop: number; next: number }
  /** Goes round once more, unless the round consumed nothing: then goes on at `other`. */
  | { readonly type: "again"; readonly loop: number; next: number; other: number }
  | {
    readonly type: "look";
    readonly program: Program;
    readonly isNegative: boolean;
    next: number;
  }
  | { readonly type: "match" };

/** A pattern as instructions; it begins with the one at `start`. */
export interface Program {
  readonly instructions: readonly Instruction[];
  readonly start: number;
  /** How many loops there are. */
  readonly loops: number;
  /** Whether there is look-around in it. */
  readonly hasLook: boolean;
  /** Whether it can match at the start of the text only. */
  readonly isAnchored: boolean;
}

/** The most instructions of a program: counted repetitions multiply them. */
const MAX_INSTRUCTIONS = 20_000;

/** What is built while a program is. */
interface Builder {
  readonly instructions: Instruction[];
  readonly isBackward: boolean;
  loops: number;
  hasLook: boolean;
}

/**
 * Compiles a pattern; backward it consumes what stands before a place, which is how look-behind is
 * matched.
 *
 * @throws {PatternSyntaxError} If the program would be too large
 */
export function compileProgram(pattern: Pattern, isBackward = false): Program {
  const builder: Builder = { instructions: [], isBackward, loops: 0, hasLook: false };
  const match = emit(builder, { type: "match" });
  const start = build(pattern, match, builder);
  const { instructions, loops, hasLook } = builder;
  return { instructions, start, loops, hasLook, isAnchored: isAnchored(pattern) };
}

function isAnchored(pattern: Pattern): boolean {
  switch (pattern.type) {
    case "place":
      return pattern.place === "textStart";
    case "sequence":
      return pattern.parts[0] !== undefined && isAnchored(pattern.parts[0]);
    case "choice":
      return pattern.options.every(isAnchored);
    default:
      return false;
  }
}

function emit({ instructions }: Builder, instruction: Instruction): number {
  if (instructions.length >= MAX_INSTRUCTIONS) {
    throw new PatternSyntaxError("it is too large: its repetitions multiply");
  }
  return instructions.push(instruction) - 1;
}

/** Emits a pattern that goes on at `next`, and gives the index at which it begins. */
function build(pattern: Pattern, next: number, builder: Builder): number {
  switch (pattern.type) {
    case "character": {
      const { test } = pattern;
      return emit(builder, { type: "character", test, isBackward: builder.isBackward, next });
    }
    case "place":
      return emit(builder, { type: "place", place: pattern.place, next });
    case "sequence": {
      const parts = builder.isBackward ? pattern.parts : pattern.parts.toReversed();
      return parts.reduce((after, part) => build(part, after, builder), next);
    }
    case "choice":
      return pattern.options
        .map((option) => build(option, next, builder))
        .reduceRight((other, option) => emit(builder, { type: "split", next: option, other }));
    case "repeat":
      return buildRepeat(pattern, next, builder);
    case "look":
      return buildLook(pattern, next, builder);
  }
}

function buildRepeat(
  { body, min, max }: Pattern & { readonly type: "repeat" },
  next: number,
  builder: Builder,
): number {
  let start = max === Infinity ? buildLoop(body, next, builder) : next;
  for (let count = min; count < max && max !== Infinity; count++) {
    const inner = build(body, start, builder);
    start = emit(builder, { type: "split", next: inner, other: next });
  }
  for (let count = 0; count < min; count++) start = build(body, start, builder);
  return start;
}

/** Any number of rounds. */
function buildLoop(body: Pattern, next: number, builder: Builder): number {
  const loop = builder.loops++;
  const again: Instruction = { type: "again", loop, next: 0, other: next };
  const end = emit(builder, again);
  const round = build(body, end, builder);
  const begin = emit(builder, { type: "begin", loop, next: round });
  again.next = emit(builder, { type: "split", next: begin, other: next });
  return again.next;
}

function buildLook(
  { body, isAhead, isNegative }: Pattern & { readonly type: "look" },
  next: number,
  builder: Builder,
): number {
  builder.hasLook = true;
  const program = compileProgram(body, !isAhead);
  return emit(builder, { type: "look", program, isNegative, next });
}
