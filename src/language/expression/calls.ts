// SPDX-License-Identifier: Apache-2.0

import type { Expr, Span } from "./syntax/ast.ts";

/** One call in an expression. */
export interface CallSite {
  readonly name: string;
  /** Arguments without the target of a method. */
  readonly argCount: number;
  readonly isMethod: boolean;
  /** The name. */
  readonly span: Span;
}

/** A constant pattern given to `matches`. */
export interface ConstantPattern {
  readonly pattern: string;
  readonly span: Span;
  /** Why it is not valid; absent when it is. */
  readonly problem?: string;
}

/** The calls of an expression in order of appearance; macros excluded. */
export function callsOf(_expression: Expr): readonly CallSite[] {
  throw new TypeError("Cannot walk yet");
}

/** Whether a function with this name, form and number of arguments exists. */
export function isKnownCall(_name: string, _argCount: number, _isMethod: boolean): boolean {
  throw new TypeError("Cannot look up yet");
}

/** The names of all functions and macros, sorted. */
export function functionNames(): readonly string[] {
  throw new TypeError("Cannot list yet");
}

/** The constant patterns of an expression (`bad-pattern`). */
export function constantPatternsOf(_expression: Expr): readonly ConstantPattern[] {
  throw new TypeError("Cannot walk yet");
}
