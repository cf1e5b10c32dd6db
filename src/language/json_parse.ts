// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, fault, isFault } from "./expression/fault.ts";
import { listOf, rawOrBoxed } from "./expression/values/containers.ts";
import { double, isJson, type Value } from "./expression/values/value.ts";
import { int } from "./expression/values/whole_numbers.ts";

/** The deepest nesting of a JSON text (LM-4). */
const MAX_DEPTH = 100;

/**
 * Reads one JSON text (FN-37): whole numbers exactly, numbers with a fraction or exponent as
 * doubles. A fault for everything else, `NaN` and whole numbers beyond 64 bits among it.
 */
export function parseJsonText(text: string): Value | EvaluationFault {
  const shape = shapeOf(text);
  if (shape.depth > MAX_DEPTH) {
    return fault("nesting-too-deep", `nesting-too-deep: more than ${MAX_DEPTH} levels of JSON`);
  }
  try {
    return shape.isPlain ? JSON.parse(text) : parseExactly(text);
  } catch (error) {
    if (error instanceof BadNumber) {
      return fault("overflow", "JSON Decoding error: a number is too large");
    }
    // JSON.parse throws a SyntaxError for a text that is no JSON, and for nothing else here. Its
    // message cites the text, which may be a secret.
    return fault("bad-value", "JSON Decoding error: the text is not one JSON value");
  }
}

/** What has to be known of a text before it is parsed. */
interface Shape {
  readonly depth: number;
  /** Whether all its numbers are whole and short, so that plain `JSON.parse` reads them right. */
  readonly isPlain: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The longest number of digits that is safe whatever they are. */
const SAFE_DIGITS = 15;

function shapeOf(text: string): Shape {
  let depth = 0;
  let deepest = 0;
  let digits = 0;
  let isPlain = true;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    if (unit === 0x5b || unit === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (unit === 0x5d || unit === 0x7d) depth--;
    const isDigit = unit >= 0x30 && unit <= 0x39;
    if (!isDigit && digits > 0 && (unit === 0x2e || (unit | 0x20) === 0x65)) isPlain = false;
    digits = isDigit ? digits + 1 : 0;
    if (digits > SAFE_DIGITS) isPlain = false;
  }
  return { depth: deepest, isPlain };
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at;
}

/** Carries the news of a number that is too large out of `JSON.parse`. */
class BadNumber extends RangeError {}

/** Reads numbers from their text, and boxes what is no JSON afterwards, from the inside out. */
function parseExactly(text: string): Value {
  const revive = (_: string, value: Value, context?: { readonly source?: string }): Value =>
    typeof value === "number" ? numberOf(context?.source ?? String(value)) : boxed(value);
  return JSON.parse(text, revive);
}

function numberOf(source: string): Value {
  const value = /[.eE]/.test(source) ? double(Number(source)) : int(BigInt(source));
  if (isFault(value)) throw new BadNumber();
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new BadNumber();
  }
  return value;
}

function boxed(value: Value): Value {
  if (Array.isArray(value)) return listOf(value);
  if (typeof value !== "object" || value === null || !isJson(value)) return value;
  const entries = Object.entries(value as Readonly<Record<string, Value>>);
  if (entries.every(([, part]) => isJson(part))) return value;
  return rawOrBoxed(new Map(entries.map(([key, part]) => [key, { key, value: part }])));
}
