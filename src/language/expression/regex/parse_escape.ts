// SPDX-License-Identifier: Apache-2.0

import { perlClass } from "./character_classes.ts";
import { type CharacterTest, not } from "./character_test.ts";
import { PatternSyntaxError } from "./pattern.ts";
import type { PatternCursor } from "./pattern_cursor.ts";
import { unicodeClass } from "./unicode_classes.ts";

/** Reads an escape that stands for a class, `\d` or `\p{L}`; the backslash is behind. */
export function classEscape(cursor: PatternCursor): CharacterTest | undefined {
  const letter = cursor.peek();
  const perl = perlClass(letter);
  if (perl === undefined && letter !== "p" && letter !== "P") return undefined;
  cursor.take();
  return perl ?? parseProperty(cursor, letter === "P");
}

function parseProperty(cursor: PatternCursor, isOpposite: boolean): CharacterTest {
  const text = cursor.accept("{") ? cursor.takeUntil("}") ?? "" : cursor.take();
  const test = unicodeClass(text.replace(/^\^/, ""));
  if (test === undefined) throw new PatternSyntaxError("there is no such Unicode class");
  return text.startsWith("^") === isOpposite ? test : not(test);
}

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["a", 0x07],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
]);

/** Reads an escape that stands for one character; the backslash is behind. */
export function literalEscape(cursor: PatternCursor): number {
  const letter = cursor.take();
  const control = CONTROLS.get(letter);
  if (control !== undefined) return control;
  if (letter === "x") return parseHexadecimal(cursor);
  if (/^[0-7]$/.test(letter)) return parseOctal(cursor, letter);
  if (/^[!-/:-@[-`{-~]$/.test(letter)) return letter.charCodeAt(0);
  if (letter === "") throw new PatternSyntaxError('it ends with "\\"');
  throw new PatternSyntaxError(`there is no escape "\\${letter}"`);
}

function parseHexadecimal(cursor: PatternCursor): number {
  const digits = cursor.accept("{") ? cursor.takeUntil("}") ?? "" : cursor.take() + cursor.take();
  const code = /^[\da-fA-F]{1,8}$/.test(digits) ? parseInt(digits, 16) : Infinity;
  if (code > 0x10ffff) {
    throw new PatternSyntaxError('"\\x" needs two digits, or up to six in braces');
  }
  return code;
}

/** A single digit but 0 is a back-reference, which cannot be matched in linear time. */
function parseOctal(cursor: PatternCursor, first: string): number {
  let digits = first;
  while (digits.length < 3 && /^[0-7]$/.test(cursor.peek())) digits += cursor.take();
  if (digits.length === 1 && first !== "0") {
    throw new PatternSyntaxError(`the back-reference "\\${first}" is not supported`);
  }
  return parseInt(digits, 8);
}
