// SPDX-License-Identifier: Apache-2.0

import type { Expr } from "./syntax/ast.ts";
import { tokenize } from "./syntax/lexer.ts";
import { createTokenCursor } from "./syntax/token_cursor.ts";
import { parseOperators } from "./syntax/parse_operators.ts";
import { ExpressionSyntaxError, syntaxError, type SyntaxFault } from "./syntax/syntax_fault.ts";

/** The result of parsing. */
export type Parsed =
  | { readonly type: "parsed"; readonly expression: Expr }
  | { readonly type: "failed"; readonly faults: readonly SyntaxFault[] };

/** The longest source of an expression, in UTF-16 units (LM-5). */
const MAX_LENGTH = 32_768;

/**
 * Reads the source of an expression (EX-30), without the leading `=`.
 *
 * Never throws: a text that is no expression gives the first fault found, with its place.
 */
export function parseExpression(source: string): Parsed {
  try {
    return { type: "parsed", expression: parseSource(source) };
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return { type: "failed", faults: [error.fault] };
    throw error;
  }
}

function parseSource(source: string): Expr {
  if (source.length > MAX_LENGTH) throw tooLong(source);
  const cursor = createTokenCursor(source, tokenize(source));
  if (cursor.peek().type === "end") {
    throw syntaxError("Cannot read the expression: it is empty", { start: 0, end: source.length });
  }
  const expression = parseOperators(cursor);
  const next = cursor.peek();
  if (next.type !== "end") throw cursor.unexpected("an operator or the end");
  return expression;
}

function tooLong(source: string): ExpressionSyntaxError {
  return new ExpressionSyntaxError({
    code: "expression-too-long",
    message: `Cannot read the expression: it has ${source.length} characters, ` +
      `at most ${MAX_LENGTH} are allowed`,
    span: { start: MAX_LENGTH, end: source.length },
  });
}
