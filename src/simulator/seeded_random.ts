// SPDX-License-Identifier: Apache-2.0

import type { Random } from "../runtime/ports.ts";

/** Chance that repeats itself: the same seed gives the same numbers (mulberry32). */
export function createSeededRandom(seed = 1): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}

/** A UUID of version 4 from the given chance. */
export function randomUuid(random: Random): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random.next() * 16));
  digits[12] = 4;
  digits[16] = 8 + Math.floor(random.next() * 4);
  const hex = digits.map((digit) => digit.toString(16)).join("");
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]]
    .map(([from, to]) => hex.slice(from, to)).join("-");
}

const SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** Five letters that Kubernetes appends to `generateName`. */
export function randomSuffix(random: Random): string {
  return Array.from(
    { length: 5 },
    () => SUFFIX_LETTERS[Math.floor(random.next() * SUFFIX_LETTERS.length)] ?? "x",
  ).join("");
}
