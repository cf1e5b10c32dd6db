// SPDX-License-Identifier: Apache-2.0

import type { Expr, Span } from "./syntax/ast.ts";

/** One use of a variable with the constant part of the chain that follows it. */
export interface VariableReference {
  /** The variable: `inputs`. */
  readonly root: string;
  /** Constant members and string indexes: `["spec", "size"]`; ends at the first computed one. */
  readonly path: readonly string[];
  /** From the variable to the last element of `path`. */
  readonly span: Span;
  /** The first element of `path`, where there is one. */
  readonly nameSpan?: Span;
  /** Whether `has()` tests it or the optional syntax reads it. */
  readonly isTolerant: boolean;
  /** Whether the chain goes on with something computed or is used as it is by a call or operator. */
  readonly isWhole: boolean;
}

/** The variables an expression uses, in order of appearance; names bound by macros excluded. */
export function referencesOf(_expression: Expr): readonly VariableReference[] {
  throw new TypeError("Cannot walk yet");
}
