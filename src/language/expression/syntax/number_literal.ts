// SPDX-License-Identifier: Apache-2.0

import { hexDigit, isDigit, isNamePart } from "./characters.ts";
import { syntaxError } from "./syntax_fault.ts";
import type { Token } from "./token.ts";
import { CelUint, double, type Value } from "../values/value.ts";
import { MAX_INT, MAX_UINT, MIN_INT } from "../values/whole_numbers.ts";

/** Reads the number literal at `start`, which begins with a digit or with `.` and a digit. */
export function readNumberLiteral(source: string, start: number): Token {
  const token = isHexadecimal(source, start)
    ? wholeNumber(source, start, skip(source, start + 2, (unit) => hexDigit(unit) >= 0))
    : decimal(source, start);
  if (isNamePart(source.charCodeAt(token.end))) {
    throw syntaxError(
      `Cannot read the number: "${source.slice(start, token.end + 1)}" is none`,
      { start, end: token.end + 1 },
    );
  }
  return token;
}

function isHexadecimal(source: string, start: number): boolean {
  return source[start] === "0" && (source[start + 1] === "x" || source[start + 1] === "X") &&
    hexDigit(source.charCodeAt(start + 2)) >= 0;
}

function decimal(source: string, start: number): Token {
  const whole = skip(source, start, isDigit);
  const fraction = source[whole] === "." && isDigit(source.charCodeAt(whole + 1))
    ? skip(source, whole + 1, isDigit)
    : whole;
  const end = skipExponent(source, fraction);
  if (end === whole) return wholeNumber(source, start, whole);
  return { type: "double", value: Number(source.slice(start, end)), start, end };
}

function skipExponent(source: string, at: number): number {
  if (source[at] !== "e" && source[at] !== "E") return at;
  const digits = source[at + 1] === "+" || source[at + 1] === "-" ? at + 2 : at + 1;
  return isDigit(source.charCodeAt(digits)) ? skip(source, digits, isDigit) : at;
}

function wholeNumber(source: string, start: number, end: number): Token {
  const digits = BigInt(source.slice(start, end));
  if (source[end] !== "u" && source[end] !== "U") return { type: "int", digits, start, end };
  const span = { start, end: end + 1 };
  if (digits > MAX_UINT) {
    throw syntaxError(`Cannot read the number: a uint is at most ${MAX_UINT}`, span);
  }
  return { type: "literal", value: new CelUint(digits), ...span };
}

function skip(source: string, from: number, accepts: (unit: number) => boolean): number {
  let at = from;
  while (at < source.length && accepts(source.charCodeAt(at))) at++;
  return at;
}

/** The value of a number token with its sign. */
export function numberOf(token: Token, sign: 1 | -1): Value {
  if (token.type === "double") return double(sign * token.value);
  if (token.type !== "int") throw new TypeError(`Cannot take ${token.type} for a number`);
  const value = BigInt(sign) * token.digits;
  if (value < MIN_INT || value > MAX_INT) {
    throw syntaxError(
      `Cannot read the number: an int is from ${MIN_INT} to ${MAX_INT}`,
      { start: token.start, end: token.end },
    );
  }
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}
