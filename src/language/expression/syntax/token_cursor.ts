// SPDX-License-Identifier: Apache-2.0

import type { Span } from "./ast.ts";
import { ExpressionSyntaxError, syntaxError } from "./syntax_fault.ts";
import type { Token } from "./token.ts";

/** The deepest nesting of syntax (LM-6). */
const MAX_DEPTH = 200;

/** Reads tokens one after the other. */
export interface TokenCursor {
  peek(): Token;
  /** The next token, which is then behind. */
  take(): Token;
  /** Takes the next token when it is of `type`. */
  accept(type: Token["type"]): boolean;
  /** Takes the next token, which must be of `type`. */
  expect(type: Token["type"], wanted: string): Token;
  /** From `start` to the end of the last token taken. */
  spanFrom(start: number): Span;
  /** The fault that something else was expected here. */
  unexpected(wanted: string): ExpressionSyntaxError;
  /** Runs `parse` one level of nesting deeper. */
  nested<T>(parse: () => T): T;
}

/** A cursor at the first of `tokens`, the last of which is `end`. */
export function createTokenCursor(source: string, tokens: readonly Token[]): TokenCursor {
  const last = tokens[tokens.length - 1] as Token;
  let at = 0;
  let depth = 0;
  const peek = () => tokens[at] ?? last;
  const take = () => tokens[at++] ?? last;
  const unexpected = (wanted: string) => {
    const { type, start, end } = peek();
    const found = type === "end" ? "the end" : `"${source.slice(start, end)}"`;
    return syntaxError(`Cannot read ${found}: expected ${wanted}`, { start, end });
  };
  return {
    peek,
    take,
    accept: (type) => peek().type === type && take() !== undefined,
    expect(type, wanted) {
      if (peek().type !== type) throw unexpected(wanted);
      return take();
    },
    spanFrom: (start) => ({ start, end: tokens[at - 1]?.end ?? start }),
    unexpected,
    nested(parse) {
      if (++depth > MAX_DEPTH) throw tooDeep(peek());
      const result = parse();
      depth--;
      return result;
    },
  };
}

function tooDeep({ start, end }: Token): ExpressionSyntaxError {
  return new ExpressionSyntaxError({
    code: "expression-too-deep",
    message: `Cannot read the expression: it is nested more than ${MAX_DEPTH} levels deep`,
    span: { start, end },
  });
}
