// SPDX-License-Identifier: Apache-2.0

import type { BinaryOperator, Expr } from "./ast.ts";
import { parseMember } from "./parse_member.ts";
import { numberOf } from "./number_literal.ts";
import type { Token } from "./token.ts";
import type { TokenCursor } from "./token_cursor.ts";

/** Reads an expression with all its operators, `?:` outermost. */
export function parseOperators(cursor: TokenCursor): Expr {
  const { start } = cursor.peek();
  const condition = parseLogical(cursor, "||");
  if (!cursor.accept("?")) return condition;
  const then = cursor.nested(() => parseLogical(cursor, "||"));
  cursor.expect(":", '":" and the other branch of "?"');
  const otherwise = cursor.nested(() => parseOperators(cursor));
  return { type: "conditional", condition, then, otherwise, span: cursor.spanFrom(start) };
}

/** Operands in a row become one node, so that a long row is no deep tree. */
function parseLogical(cursor: TokenCursor, operator: "&&" | "||"): Expr {
  const { start } = cursor.peek();
  const parseOperand = () =>
    operator === "||" ? parseLogical(cursor, "&&") : parseBinary(cursor, 0);
  const first = parseOperand();
  if (cursor.peek().type !== operator) return first;
  const operands = [first];
  while (cursor.accept(operator)) operands.push(parseOperand());
  return { type: "logical", operator, operands, span: cursor.spanFrom(start) };
}

/** Operators that evaluate both sides, loosest first. */
const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ["==", "!=", "<", "<=", ">", ">=", "in"],
  ["+", "-"],
  ["*", "/", "%"],
];

function parseBinary(cursor: TokenCursor, level: number): Expr {
  const operators = LEVELS[level];
  if (operators === undefined) return parseUnary(cursor);
  const { start } = cursor.peek();
  let left = parseBinary(cursor, level + 1);
  for (;;) {
    const operator = operatorOf(cursor.peek(), operators);
    if (operator === undefined) return left;
    cursor.take();
    const right = parseBinary(cursor, level + 1);
    left = { type: "binary", operator, left, right, span: cursor.spanFrom(start) };
  }
}

function operatorOf(
  token: Token,
  operators: readonly BinaryOperator[],
): BinaryOperator | undefined {
  const text = token.type === "name" ? token.text : token.type;
  return operators.find((operator) => operator === text);
}

function parseUnary(cursor: TokenCursor): Expr {
  const { type: operator, start } = cursor.peek();
  if (operator !== "!" && operator !== "-") return parseMember(cursor, parseOperators);
  cursor.take();
  if (operator === "-" && isNumber(cursor.peek())) return parseNegativeNumber(cursor, start);
  const operand = cursor.nested(() => parseUnary(cursor));
  return { type: "unary", operator, operand, span: cursor.spanFrom(start) };
}

function isNumber(token: Token): boolean {
  return token.type === "int" || token.type === "double";
}

/** The sign belongs to the literal: the smallest int has no positive counterpart. */
function parseNegativeNumber(cursor: TokenCursor, start: number): Expr {
  const token = cursor.take();
  const span = cursor.spanFrom(start);
  const literal: Expr = { type: "literal", value: numberOf(token, -1), span };
  return parseMember(cursor, parseOperators, literal);
}
