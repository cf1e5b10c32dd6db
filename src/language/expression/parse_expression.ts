// SPDX-License-Identifier: Apache-2.0

import type { Expr, Span } from "./ast.ts";

/** Why a text is no expression. */
export interface SyntaxFault {
  readonly code: "expression-syntax" | "expression-too-long" | "expression-too-deep";
  readonly message: string;
  readonly span: Span;
  readonly help?: string;
}

/** The result of parsing. */
export type Parsed =
  | { readonly type: "parsed"; readonly expression: Expr }
  | { readonly type: "failed"; readonly faults: readonly SyntaxFault[] };

/** Reads the source of an expression. Never throws. */
export function parseExpression(_source: string): Parsed {
  throw new TypeError("Cannot parse yet");
}
