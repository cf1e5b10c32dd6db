// SPDX-License-Identifier: Apache-2.0

import type { Expr, Span } from "./ast.ts";
import { expandCall } from "./macros.ts";
import { parseArguments, type ParseExpr } from "./parse_arguments.ts";
import { parsePrimary } from "./parse_primary.ts";
import { syntaxError } from "./syntax_fault.ts";
import { KEYWORDS } from "./token.ts";
import type { TokenCursor } from "./token_cursor.ts";

/** Reads a primary, or takes `given` for it, and the members, indexes and calls that follow. */
export function parseMember(cursor: TokenCursor, parseExpr: ParseExpr, given?: Expr): Expr {
  const start = given?.span.start ?? cursor.peek().start;
  let expr = given ?? parsePrimary(cursor, parseExpr);
  for (;;) {
    if (cursor.accept(".")) expr = parseDot(cursor, parseExpr, { start, operand: expr });
    else if (cursor.accept("[")) expr = parseIndex(cursor, parseExpr, { start, operand: expr });
    else return expr;
  }
}

/** What stands before a dot or bracket, and where it begins, parentheses included. */
interface Before {
  readonly start: number;
  readonly operand: Expr;
}

function parseDot(cursor: TokenCursor, parseExpr: ParseExpr, { start, operand }: Before): Expr {
  const isOptional = cursor.accept("?");
  const { name, nameSpan, isQuoted } = parseMemberName(cursor);
  if (isOptional || isQuoted || !cursor.accept("(")) {
    const span = cursor.spanFrom(start);
    return { type: "select", operand, name, nameSpan, isOptional, span };
  }
  const args = parseArguments(cursor, parseExpr);
  const span = cursor.spanFrom(start);
  return expandCall({ type: "call", name, nameSpan, target: operand, args, span });
}

function parseMemberName(cursor: TokenCursor): {
  readonly name: string;
  readonly nameSpan: Span;
  readonly isQuoted: boolean;
} {
  const token = cursor.peek();
  if (token.type !== "name" && token.type !== "quoted") {
    throw cursor.unexpected('the name of a member after "."');
  }
  const { text: name, start, end } = token;
  if (token.type === "name" && KEYWORDS.has(name)) {
    throw syntaxError(
      `Cannot read the member: "${name}" is a keyword`,
      { start, end },
      `write ["${name}"]`,
    );
  }
  cursor.take();
  return { name, nameSpan: { start, end }, isQuoted: token.type === "quoted" };
}

function parseIndex(cursor: TokenCursor, parseExpr: ParseExpr, { start, operand }: Before): Expr {
  const isOptional = cursor.accept("?");
  const index = cursor.nested(() => parseExpr(cursor));
  cursor.expect("]", '"]" after the index');
  return { type: "index", operand, index, isOptional, span: cursor.spanFrom(start) };
}
