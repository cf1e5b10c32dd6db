// SPDX-License-Identifier: Apache-2.0

import { hexDigit } from "./characters.ts";
import { syntaxError } from "./syntax_fault.ts";
import type { Token } from "./token.ts";

/** The prefix of a string literal: raw, bytes, both or none. */
interface Prefix {
  readonly isRaw: boolean;
  readonly isBytes: boolean;
  readonly length: number;
}

/** Reads the string or bytes literal at `start`, or gives `undefined` when there is none. */
export function readStringLiteral(source: string, start: number): Token | undefined {
  const prefix = readPrefix(source, start);
  const open = start + prefix.length;
  const quote = source[open];
  if (quote !== '"' && quote !== "'") return undefined;
  const fence = source.startsWith(quote.repeat(3), open) ? quote.repeat(3) : quote;
  const from = open + fence.length;
  const to = findEnd(source, { from, fence, isRaw: prefix.isRaw });
  const end = to + fence.length;
  const body = { source, from, to };
  const value = prefix.isBytes
    ? bytesOf(body, prefix.isRaw)
    : prefix.isRaw
    ? source.slice(from, to)
    : textOf(body);
  return { type: "literal", value, start, end };
}

function readPrefix(source: string, start: number): Prefix {
  let length = 0;
  const isBytes = isOneOf(source[start], "bB");
  if (isBytes) length++;
  const isRaw = isOneOf(source[start + length], "rR");
  if (isRaw) length++;
  return { isRaw, isBytes, length };
}

function isOneOf(character: string | undefined, set: string): boolean {
  return character !== undefined && set.includes(character);
}

/** Where the closing fence begins. */
function findEnd(
  source: string,
  { from, fence, isRaw }: { from: number; fence: string; isRaw: boolean },
): number {
  for (let at = from; at < source.length; at++) {
    if (source.startsWith(fence, at)) return at;
    const unit = source[at];
    if (unit === "\\" && !isRaw) at++;
    else if ((unit === "\n" || unit === "\r") && fence.length === 1) break;
  }
  throw syntaxError(
    `Cannot read the string: its closing ${fence} is missing`,
    { start: from - fence.length, end: source.length },
    fence.length === 1 ? "text over several lines needs three quotes on both sides" : undefined,
  );
}

interface Body {
  readonly source: string;
  readonly from: number;
  readonly to: number;
}

/** What an escape stands for: a code point or byte, and where the text goes on. */
interface Escape {
  readonly code: number;
  readonly next: number;
  /** Whether the code is a byte by its notation: octal and `\x`. */
  readonly isByte: boolean;
}

function textOf({ source, from, to }: Body): string {
  if (!source.slice(from, to).includes("\\")) return source.slice(from, to);
  let text = "";
  for (let at = from; at < to;) {
    const escape = source[at] === "\\" ? readEscape(source, at, to) : undefined;
    if (escape === undefined) text += source[at++];
    else {
      text += String.fromCodePoint(escape.code);
      at = escape.next;
    }
  }
  return text;
}

function bytesOf({ source, from, to }: Body, isRaw: boolean): Uint8Array {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (let at = from; at < to;) {
    const escape = source[at] === "\\" && !isRaw ? readEscape(source, at, to) : undefined;
    if (escape !== undefined) {
      if (escape.isByte) bytes.push(escape.code);
      else bytes.push(...encoder.encode(String.fromCodePoint(escape.code)));
      at = escape.next;
    } else {
      const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
      bytes.push(...encoder.encode(character));
      at += character.length;
    }
  }
  return Uint8Array.from(bytes);
}

const SIMPLE: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
  ["\\", 92],
  ["?", 63],
  ['"', 34],
  ["'", 39],
  ["`", 96],
]);

/** The escape at `at`, or `undefined` for one that CEL does not define (EX-39c). */
function readEscape(source: string, at: number, to: number): Escape | undefined {
  const letter = source[at + 1] ?? "";
  const simple = SIMPLE.get(letter);
  if (simple !== undefined) return { code: simple, next: at + 2, isByte: false };
  switch (letter) {
    case "x":
    case "X":
      return numeric({ source, from: at + 2, to }, 16, 2);
    case "u":
      return numeric({ source, from: at + 2, to }, 16, 4);
    case "U":
      return numeric({ source, from: at + 2, to }, 16, 8);
    case "0":
    case "1":
    case "2":
    case "3":
      return numeric({ source, from: at + 1, to }, 8, 3);
    default:
      return undefined;
  }
}

function numeric({ source, from, to }: Body, radix: 8 | 16, digits: number): Escape | undefined {
  if (from + digits > to) return undefined;
  let code = 0;
  for (let at = from; at < from + digits; at++) {
    const digit = hexDigit(source.charCodeAt(at));
    if (digit < 0 || digit >= radix) return undefined;
    code = code * radix + digit;
  }
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw syntaxError(
      `Cannot read the escape: there is no character ${code.toString(16)}`,
      { start: from - 2, end: from + digits },
    );
  }
  return { code, next: from + digits, isByte: digits <= 3 };
}
