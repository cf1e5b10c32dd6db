// SPDX-License-Identifier: Apache-2.0

import { isDigit, isNamePart, isNameStart, isSpace } from "./characters.ts";
import { readNumberLiteral } from "./number_literal.ts";
import { readStringLiteral } from "./string_literal.ts";
import { syntaxError } from "./syntax_fault.ts";
import { PUNCTUATION, type Token } from "./token.ts";

/** Splits the source of an expression into tokens; the last one is `end`. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = skipBlank(source, 0); at < source.length;) {
    const token = readToken(source, at);
    tokens.push(token);
    at = skipBlank(source, token.end);
  }
  tokens.push({ type: "end", start: source.length, end: source.length });
  return tokens;
}

function skipBlank(source: string, from: number): number {
  let at = from;
  while (at < source.length) {
    if (isSpace(source.charCodeAt(at))) at++;
    else if (source.startsWith("//", at)) at = lineEnd(source, at);
    else break;
  }
  return at;
}

function lineEnd(source: string, at: number): number {
  const end = source.indexOf("\n", at);
  return end < 0 ? source.length : end;
}

function readToken(source: string, start: number): Token {
  const unit = source.charCodeAt(start);
  if (isDigit(unit) || (unit === 46 && isDigit(source.charCodeAt(start + 1)))) {
    return readNumberLiteral(source, start);
  }
  const literal = readStringLiteral(source, start);
  if (literal !== undefined) return literal;
  if (isNameStart(unit)) return readName(source, start);
  if (unit === 96) return readQuotedName(source, start);
  return readPunctuation(source, start);
}

function readName(source: string, start: number): Token {
  let end = start + 1;
  while (isNamePart(source.charCodeAt(end))) end++;
  return { type: "name", text: source.slice(start, end), start, end };
}

function readQuotedName(source: string, start: number): Token {
  const close = source.indexOf("`", start + 1);
  const text = source.slice(start + 1, close);
  if (close < 0 || text === "" || ![...text].every(mayStandInQuotedName)) {
    throw syntaxError(
      "Cannot read the quoted name: letters, digits and _ . - / may stand between backticks",
      { start, end: close < 0 ? source.length : close + 1 },
    );
  }
  return { type: "quoted", text, start, end: close + 1 };
}

function mayStandInQuotedName(character: string): boolean {
  return isNamePart(character.charCodeAt(0)) || ".-/ ".includes(character);
}

function readPunctuation(source: string, start: number): Token {
  for (const type of PUNCTUATION) {
    if (source.startsWith(type, start)) return { type, start, end: start + type.length };
  }
  const character = String.fromCodePoint(source.codePointAt(start) ?? 0);
  throw syntaxError(
    `Cannot read "${character}": no expression contains it`,
    { start, end: start + character.length },
    HELP.get(character),
  );
}

const HELP: ReadonlyMap<string, string> = new Map([
  ["=", "two values are compared with =="],
  ["&", "conditions are joined with &&"],
  ["|", "conditions are joined with ||"],
  ["#", "a comment begins with //"],
]);
