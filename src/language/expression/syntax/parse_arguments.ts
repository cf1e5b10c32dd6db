// SPDX-License-Identifier: Apache-2.0

import type { Expr } from "./ast.ts";
import type { TokenCursor } from "./token_cursor.ts";

/** Reads a whole expression; handed down, so that the files of the grammar form no circle. */
export type ParseExpr = (cursor: TokenCursor) => Expr;

/** Reads arguments up to the closing parenthesis; the opening one is behind. */
export function parseArguments(cursor: TokenCursor, parseExpr: ParseExpr): readonly Expr[] {
  const args: Expr[] = [];
  if (cursor.accept(")")) return args;
  do args.push(cursor.nested(() => parseExpr(cursor))); while (cursor.accept(","));
  cursor.expect(")", '"," or ")" after the argument');
  return args;
}
