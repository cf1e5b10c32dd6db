// SPDX-License-Identifier: Apache-2.0

import { orbitOf } from "./case_folding.ts";

/** Whether a code point belongs to a set of characters. */
export type CharacterTest = (codePoint: number) => boolean;

/** An inclusive range of code points. */
export type Range = readonly [first: number, last: number];

/** Any code point of the ranges. */
export function inRanges(ranges: readonly Range[]): CharacterTest {
  return (codePoint) => ranges.some(([first, last]) => codePoint >= first && codePoint <= last);
}

/** Any code point that one of the tests accepts. */
export function anyOf(tests: readonly CharacterTest[]): CharacterTest {
  const [only] = tests;
  return tests.length === 1 && only !== undefined
    ? only
    : (codePoint) => tests.some((test) => test(codePoint));
}

/** Any other code point. */
export function not(test: CharacterTest): CharacterTest {
  return (codePoint) => !test(codePoint);
}

/** The same, and all that differs from it in upper and lower case only. */
export function ignoringCase(test: CharacterTest): CharacterTest {
  return (codePoint) => test(codePoint) || orbitOf(codePoint).some(test);
}

const ASCII = 128;

/** The same, quicker: what it says of ASCII is looked up. */
export function tabulated(test: CharacterTest): CharacterTest {
  const table = Uint8Array.from({ length: ASCII }, (_, codePoint) => test(codePoint) ? 1 : 0);
  return (codePoint) => codePoint < ASCII ? table[codePoint] === 1 : test(codePoint);
}
