// SPDX-License-Identifier: Apache-2.0

import type { ScalarNode } from "./source_node.ts";

/**
 * Where the characters of a decoded scalar stand in the file: pairs of an offset in the value
 * and the offset in the file from which both run on together.
 */
export type TextMap = readonly (readonly [valueOffset: number, fileOffset: number])[];

/** The offset in the file of an offset in the value. */
export function fileOffsetOf(map: TextMap, valueOffset: number): number {
  let found = map[0] ?? [0, 0];
  for (const run of map) {
    if (run[0] > valueOffset) break;
    found = run;
  }
  return found[1] + valueOffset - found[0];
}

/**
 * The map of a scalar of `text`.
 *
 * Decodes the scalar once more and checks the result against its value: a scalar that this
 * decoding does not understand is mapped to its beginning rather than to a wrong place.
 */
export function textMapOf(text: string, node: ScalarNode): TextMap {
  const value = typeof node.value === "string" ? node.value : "";
  switch (node.style) {
    case "plain":
      if (text.startsWith(value, node.start)) return [[0, node.start]];
      return flowMap(text, { start: node.start, end: node.end, quote: "" }, value);
    case "single":
    case "double":
      return flowMap(text, {
        start: node.start + 1,
        end: node.end - 1,
        quote: node.style === "single" ? "'" : '"',
      }, value);
    case "literal":
    case "folded":
      return blockMap(text, node, value);
    default:
      return [[0, node.start]];
  }
}

/** Collects decoded characters together with where they come from. */
function createTrail() {
  const runs: [number, number][] = [];
  let value = "";
  return {
    add(piece: string, from: number): void {
      const last = runs.at(-1);
      const isContinued = last !== undefined && last[1] - last[0] === from - value.length;
      if (piece !== "" && !isContinued) runs.push([value.length, from]);
      value += piece;
    },
    mapFor(expected: string, fallback: number): TextMap {
      const isSame = value.replace(/\n+$/, "") === expected.replace(/\n+$/, "");
      return isSame && runs.length > 0 ? runs : [[0, fallback]];
    },
    isSame: (expected: string) => value.replace(/\n+$/, "") === expected.replace(/\n+$/, ""),
  };
}

interface FlowScalar {
  readonly start: number;
  readonly end: number;
  readonly quote: "" | "'" | '"';
}

const FOLD = /[ \t]*\r?\n\s*/y;
const CHARACTERS = { "": /[^\s]+/y, "'": /[^\s']+/y, '"': /[^\s"\\]+/y } as const;

function flowMap(text: string, scalar: FlowScalar, value: string): TextMap {
  const trail = createTrail();
  const characters = CHARACTERS[scalar.quote];
  for (let at = scalar.start; at < scalar.end;) {
    const run = matchAt(characters, text, at);
    const fold = run === "" ? matchAt(FOLD, text, at) : "";
    if (run !== "") {
      trail.add(run, at);
      at += run.length;
    } else if (fold !== "") {
      const breaks = fold.split("\n").length - 1;
      trail.add(breaks === 1 ? " " : "\n".repeat(breaks - 1), at);
      at += fold.length;
    } else if (scalar.quote === '"' && text[at] === "\\") {
      const { length, decoded } = decodeEscape(text, at);
      trail.add(decoded, at);
      at += length;
    } else {
      trail.add(text[at] ?? "", at);
      at += scalar.quote === "'" && text[at] === "'" ? 2 : 1;
    }
  }
  return trail.mapFor(value, scalar.start);
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

const ESCAPED_BREAK = /\\\r?\n[ \t]*(?:\r?\n[ \t]*)*/y;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  N: "\u0085",
  _: "\u00a0",
  L: "\u2028",
  P: "\u2029",
};
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function decodeEscape(text: string, at: number): { length: number; decoded: string } {
  const lineBreak = matchAt(ESCAPED_BREAK, text, at);
  if (lineBreak !== "") {
    const blankLines = lineBreak.split("\n").length - 2;
    return { length: lineBreak.length, decoded: "\n".repeat(blankLines) };
  }
  const letter = text[at + 1] ?? "";
  const digits = HEX_DIGITS[letter];
  if (digits === undefined) return { length: 2, decoded: SIMPLE_ESCAPES[letter] ?? letter };
  const code = Number.parseInt(text.slice(at + 2, at + 2 + digits), 16);
  const isCharacter = code >= 0 && code <= 0x10ffff;
  return { length: 2 + digits, decoded: isCharacter ? String.fromCodePoint(code) : "" };
}

interface BlockLine {
  readonly indent: number;
  readonly text: string;
  readonly start: number;
}

/** The longest indentation that is tried; deeper blocks are mapped to their beginning. */
const MAX_INDENT = 400;

function blockMap(text: string, node: ScalarNode, value: string): TextMap {
  const headerEnd = text.indexOf("\n", node.start);
  if (headerEnd < 0 || headerEnd >= node.end) return [[0, node.start]];
  const lines = blockLines(text, headerEnd + 1, node.end);
  const first = lines.find((line) => line.text !== "")?.indent ?? 0;
  const isExplicit = /^[|>][-+]?[1-9]/.test(text.slice(node.start, node.start + 3));
  // With an indentation indicator the indentation is counted from the parent's, unknown here.
  const candidates = isExplicit
    ? Array.from({ length: Math.min(first, MAX_INDENT) + 1 }, (_, n) => n)
    : [first];
  for (const indent of candidates) {
    const trail = createTrail();
    if (node.style === "literal") decodeLiteral(lines, indent, trail);
    else decodeFolded(lines, indent, trail);
    if (trail.isSame(value)) return trail.mapFor(value, node.start);
  }
  return [[0, node.start]];
}

function blockLines(text: string, start: number, end: number): readonly BlockLine[] {
  const lines: BlockLine[] = [];
  for (let at = start; at < end;) {
    const found = text.indexOf("\n", at);
    const next = found < 0 || found >= end ? end : found + 1;
    const line = text.slice(at, next).replace(/\r?\n$/, "");
    const indent = line.length - line.replace(/^ +/, "").length;
    lines.push({ indent, text: line.slice(indent), start: at });
    at = next;
  }
  return lines;
}

type Trail = ReturnType<typeof createTrail>;

function decodeLiteral(lines: readonly BlockLine[], indent: number, trail: Trail): void {
  let separator = "";
  for (const line of lines) {
    const kept = Math.min(indent, line.indent);
    const content = " ".repeat(line.indent - kept) + line.text;
    trail.add(separator, line.start - 1);
    trail.add(content, line.start + kept);
    separator = "\n";
  }
}

/** Folding as in YAML 1.2 chapter 8.1.3: lines are joined unless one of them is indented more. */
function decodeFolded(lines: readonly BlockLine[], indent: number, trail: Trail): void {
  const first = lines.findIndex((line) => line.text !== "");
  const head = first < 0 ? lines.length : first;
  for (const line of lines.slice(0, head)) {
    trail.add(" ".repeat(Math.max(0, line.indent - indent)) + "\n", line.start);
  }
  let separator = "";
  let wasIndented = false;
  for (const line of lines.slice(head)) {
    const isIndented = line.indent > indent || line.text.startsWith("\t");
    if (isIndented) {
      if (separator === " ") separator = "\n";
      else if (!wasIndented && separator === "\n") separator = "\n\n";
    } else if (line.text === "") {
      if (separator === "\n") trail.add("\n", line.start - 1);
      else separator = "\n";
      continue;
    }
    trail.add(separator, line.start - 1);
    trail.add(
      " ".repeat(Math.max(0, line.indent - indent)) + line.text,
      line.start + Math.min(indent, line.indent),
    );
    separator = isIndented ? "\n" : " ";
    wasIndented = isIndented;
  }
}
