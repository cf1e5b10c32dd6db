// SPDX-License-Identifier: Apache-2.0

import type { Span } from "./ast.ts";

/** Why a text is no expression. */
export interface SyntaxFault {
  readonly code: "expression-syntax" | "expression-too-long" | "expression-too-deep";
  readonly message: string;
  readonly span: Span;
  readonly help?: string;
}

/** Carries a fault out of the lexer or the parser; never leaves `parseExpression`. */
export class ExpressionSyntaxError extends TypeError {
  constructor(readonly fault: SyntaxFault) {
    super(fault.message);
  }
}

/** A fault of the plain sort. */
export function syntaxError(message: string, span: Span, help?: string): ExpressionSyntaxError {
  const fault = { code: "expression-syntax", message, span } as const;
  return new ExpressionSyntaxError(help === undefined ? fault : { ...fault, help });
}
