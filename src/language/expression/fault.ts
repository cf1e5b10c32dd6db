// SPDX-License-Identifier: Apache-2.0

import type { Span } from "./syntax/ast.ts";

/** The kinds of evaluation fault. */
export type FaultCode =
  | "undeclared-variable"
  | "missing-key"
  | "missing-index"
  | "missing-member"
  | "missing-value"
  | "unknown-function"
  | "no-such-overload"
  | "duplicate-key"
  | "division-by-zero"
  | "overflow"
  | "bad-value"
  | "bad-pattern"
  | "not-json"
  | "cost-limit-exceeded"
  | "pattern-too-costly"
  | "string-too-long"
  | "value-too-large"
  | "nesting-too-deep";

/** The span of a fault whose place the caller knows better. */
const NOWHERE: Span = { start: -1, end: -1 };

/**
 * Why an evaluation gave no value, and where (EX-41). A value like any other while it travels, so
 * that `&&` and `||` can absorb it; never thrown.
 */
export class EvaluationFault {
  /**
   * @param words Why; made when somebody asks, for most faults that are absorbed are never told
   */
  constructor(
    readonly code: FaultCode,
    private words: string | (() => string),
    /** The failing sub-expression. */
    readonly span: Span,
    /** Whether a value was absent rather than wrong. */
    readonly isMissing: boolean,
  ) {}

  /** Why, in words, without a place: `no key "regoin" in inputs.spec: it has "region", "size"`. */
  get reason(): string {
    if (typeof this.words !== "string") this.words = this.words();
    return this.words;
  }

  /** The same fault at `span`, unless it already has a place. */
  at(span: Span): EvaluationFault {
    return this.span === NOWHERE
      ? new EvaluationFault(this.code, this.words, span, this.isMissing)
      : this;
  }
}

/** Whether `x` is a fault. */
export function isFault(x: unknown): x is EvaluationFault {
  return x instanceof EvaluationFault;
}

/** A fault without a place, for functions that do not know where they are called. */
export function fault(code: FaultCode, reason: string): EvaluationFault {
  return new EvaluationFault(code, reason, NOWHERE, false);
}

/** A fault without a place that says that something is absent. */
export function missing(code: FaultCode, reason: string): EvaluationFault {
  return new EvaluationFault(code, reason, NOWHERE, true);
}
