// SPDX-License-Identifier: Apache-2.0

import { PatternSyntaxError } from "./pattern.ts";
import type { Flags, PatternCursor } from "./pattern_cursor.ts";

/** What stands after `(`, up to where the body of the group begins. */
export type GroupOpening =
  | { readonly type: "group"; readonly flags: Flags }
  /** `(?i)`: no group, the flags hold from here on. */
  | { readonly type: "flags"; readonly flags: Flags }
  | {
    readonly type: "look";
    readonly flags: Flags;
    readonly isAhead: boolean;
    readonly isNegative: boolean;
  };

/** Reads the opening of a group; the parenthesis is behind. */
export function parseGroupOpening(cursor: PatternCursor): GroupOpening {
  const { flags } = cursor;
  if (!cursor.accept("?")) return { type: "group", flags };
  const look = LOOKS.find(([opening]) => cursor.accept(opening));
  if (look !== undefined) {
    const [, isAhead, isNegative] = look;
    return { type: "look", flags, isAhead, isNegative };
  }
  if (cursor.accept("P<") || cursor.accept("<")) {
    parseName(cursor);
    return { type: "group", flags };
  }
  return parseFlags(cursor);
}

/** The openings of look-around: text, whether it looks ahead, whether it must not match. */
const LOOKS = [
  ["=", true, false],
  ["!", true, true],
  ["<=", false, false],
  ["<!", false, true],
] as const;

function parseName({ takeUntil, names }: PatternCursor): void {
  const name = takeUntil(">");
  if (name === undefined || !/^\w+$/.test(name)) {
    throw new PatternSyntaxError("the name of a group is missing or not a word");
  }
  if (names.has(name)) throw new PatternSyntaxError(`two groups have the name "${name}"`);
  names.add(name);
}

const FLAG_NAMES: ReadonlyMap<string, keyof Flags | undefined> = new Map([
  ["i", "ignoreCase"],
  ["m", "multiLine"],
  ["s", "dotAll"],
  // How greedy a repetition is does not matter here.
  ["U", undefined],
]);

function parseFlags(cursor: PatternCursor): GroupOpening {
  let flags = cursor.flags;
  let value = true;
  for (let isFirst = true;; isFirst = false) {
    const letter = cursor.take();
    if ((letter === ")" || letter === ":") && !isFirst) {
      return { type: letter === ")" ? "flags" : "group", flags };
    }
    if (letter === ":") return { type: "group", flags };
    if (letter === "-" && value) value = false;
    else if (!FLAG_NAMES.has(letter)) {
      throw new PatternSyntaxError("the group begins with no known flag");
    } else {
      const name = FLAG_NAMES.get(letter);
      if (name !== undefined) flags = { ...flags, [name]: value };
    }
  }
}
