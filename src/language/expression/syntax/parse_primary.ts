// SPDX-License-Identifier: Apache-2.0

import type { Expr, ListElement, MapEntry } from "./ast.ts";
import { expandCall } from "./macros.ts";
import { numberOf } from "./number_literal.ts";
import { parseArguments, type ParseExpr } from "./parse_arguments.ts";
import { syntaxError } from "./syntax_fault.ts";
import { KEYWORDS, RESERVED } from "./token.ts";
import type { TokenCursor } from "./token_cursor.ts";

/** Reads a literal, a name, a call, a list, a map or an expression in parentheses. */
export function parsePrimary(cursor: TokenCursor, parseExpr: ParseExpr): Expr {
  const token = cursor.peek();
  const span = { start: token.start, end: token.end };
  switch (token.type) {
    case "literal":
      cursor.take();
      return { type: "literal", value: token.value, span };
    case "int":
    case "double":
      cursor.take();
      return { type: "literal", value: numberOf(token, 1), span };
    case "(":
      return parseParentheses(cursor, parseExpr);
    case "[":
      return parseList(cursor, parseExpr);
    case "{":
      return parseMap(cursor, parseExpr);
    case "name":
    case ".":
      return parseName(cursor, parseExpr);
    default:
      throw cursor.unexpected("a value");
  }
}

function parseParentheses(cursor: TokenCursor, parseExpr: ParseExpr): Expr {
  cursor.take();
  const inner = cursor.nested(() => parseExpr(cursor));
  cursor.expect(")", 'an operator or ")"');
  return inner;
}

function parseList(cursor: TokenCursor, parseExpr: ParseExpr): Expr {
  const { start } = cursor.take();
  const elements: ListElement[] = [];
  while (cursor.peek().type !== "]") {
    const isOptional = cursor.accept("?");
    elements.push({ value: cursor.nested(() => parseExpr(cursor)), isOptional });
    if (!cursor.accept(",")) break;
  }
  cursor.expect("]", '"," or "]" after the element');
  return { type: "list", elements, span: cursor.spanFrom(start) };
}

function parseMap(cursor: TokenCursor, parseExpr: ParseExpr): Expr {
  const { start } = cursor.take();
  const entries: MapEntry[] = [];
  while (cursor.peek().type !== "}") {
    const isOptional = cursor.accept("?");
    const key = cursor.nested(() => parseExpr(cursor));
    cursor.expect(":", '":" after the key');
    entries.push({ key, value: cursor.nested(() => parseExpr(cursor)), isOptional });
    if (!cursor.accept(",")) break;
  }
  cursor.expect("}", '"," or "}" after the entry');
  return { type: "map", entries, span: cursor.spanFrom(start) };
}

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function parseName(cursor: TokenCursor, parseExpr: ParseExpr): Expr {
  const { start } = cursor.peek();
  const isGlobal = cursor.accept(".");
  const token = cursor.peek();
  if (token.type !== "name") throw cursor.unexpected("a name");
  const constant = isGlobal ? undefined : CONSTANTS.get(token.text);
  if (constant === undefined) refuseKeyword(cursor, token.text);
  cursor.take();
  const nameSpan = { start: token.start, end: token.end };
  if (constant !== undefined) return { type: "literal", value: constant, span: nameSpan };
  if (cursor.accept("(")) {
    const args = parseArguments(cursor, parseExpr);
    return expandCall({
      type: "call",
      name: token.text,
      nameSpan,
      args,
      span: cursor.spanFrom(start),
    });
  }
  if (cursor.peek().type === "{") refuseMessage(token.text, cursor);
  return { type: "name", name: token.text, isGlobal, span: cursor.spanFrom(start) };
}

function refuseKeyword(cursor: TokenCursor, name: string): void {
  if (KEYWORDS.has(name)) throw cursor.unexpected("a value");
  if (!RESERVED.has(name)) return;
  const { start, end } = cursor.peek();
  throw syntaxError(`Cannot use "${name}" as a variable: CEL reserves it`, { start, end });
}

function refuseMessage(name: string, cursor: TokenCursor): never {
  const { start, end } = cursor.peek();
  throw syntaxError(
    `Cannot build a "${name}": there are no message types`,
    { start, end },
    "a map is written {'key': value}",
  );
}
