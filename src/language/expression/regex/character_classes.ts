// SPDX-License-Identifier: Apache-2.0

import { type CharacterTest, inRanges, not, type Range } from "./character_test.ts";

const DIGIT: readonly Range[] = [[0x30, 0x39]];
const LOWER: readonly Range[] = [[0x61, 0x7a]];
const UPPER: readonly Range[] = [[0x41, 0x5a]];
const ALPHA: readonly Range[] = [...LOWER, ...UPPER];
const WORD: readonly Range[] = [...DIGIT, ...ALPHA, [0x5f, 0x5f]];

/** Whether a code point counts as a part of a word for `\w` and `\b`. */
export const isWordCharacter: CharacterTest = inRanges(WORD);

/** The letters of `\d`, `\s` and `\w`. */
const PERL: ReadonlyMap<string, CharacterTest> = new Map([
  ["d", inRanges(DIGIT)],
  ["s", inRanges([[0x09, 0x0a], [0x0c, 0x0d], [0x20, 0x20]])],
  ["w", isWordCharacter],
]);

/** `\d`, `\D` and their like; `undefined` for other letters. */
export function perlClass(letter: string): CharacterTest | undefined {
  const test = PERL.get(letter.toLowerCase());
  return test === undefined || letter === letter.toLowerCase() ? test : not(test);
}

const POSIX: ReadonlyMap<string, readonly Range[]> = new Map<string, readonly Range[]>([
  ["alnum", [...DIGIT, ...ALPHA]],
  ["alpha", ALPHA],
  ["ascii", [[0, 0x7f]]],
  ["blank", [[0x09, 0x09], [0x20, 0x20]]],
  ["cntrl", [[0, 0x1f], [0x7f, 0x7f]]],
  ["digit", DIGIT],
  ["graph", [[0x21, 0x7e]]],
  ["lower", LOWER],
  ["print", [[0x20, 0x7e]]],
  ["punct", [[0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e]]],
  ["space", [[0x09, 0x0d], [0x20, 0x20]]],
  ["upper", UPPER],
  ["word", WORD],
  ["xdigit", [...DIGIT, [0x41, 0x46], [0x61, 0x66]]],
]);

/** `[:alpha:]` by its name, `^alpha` for its opposite; `undefined` for other names. */
export function posixClass(name: string): CharacterTest | undefined {
  const ranges = POSIX.get(name.replace(/^\^/, ""));
  if (ranges === undefined) return undefined;
  return name.startsWith("^") ? not(inRanges(ranges)) : inRanges(ranges);
}
