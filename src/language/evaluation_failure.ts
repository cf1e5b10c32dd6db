// SPDX-License-Identifier: Apache-2.0

import type { EvaluationFailure } from "./definition.ts";
import type { SourcePlace } from "./diagnostic.ts";
import type { PermFail } from "./outcome.ts";

/** What a failure is made of. */
export interface FailureDetails {
  readonly reason: string;
  readonly expression?: string;
  readonly isMissing?: boolean;
}

/** A failure is told from values by its class: a map of a user may look like anything. */
class Failure implements EvaluationFailure {
  readonly type = "failure";
  readonly reason: string;
  readonly isMissing: boolean;
  declare readonly expression?: string;
  declare readonly source?: SourcePlace;

  constructor({ reason, expression, isMissing }: FailureDetails, source?: SourcePlace) {
    this.reason = reason;
    this.isMissing = isMissing ?? false;
    if (expression !== undefined) this.expression = expression;
    if (source !== undefined) this.source = source;
  }
}

/** A failed evaluation. */
export function createFailure(details: FailureDetails, source?: SourcePlace): EvaluationFailure {
  return new Failure(details, source);
}

/** Whether a result is a failed evaluation. */
export function isFailure(result: unknown): result is EvaluationFailure {
  return result instanceof Failure;
}

/** The outcome of a failed evaluation at `place`, for example `wf.spec.steps.a:spec.return` (EX-41). */
export function evaluationFailure(place: string, failure: EvaluationFailure): PermFail {
  const { reason, expression, source, isMissing } = failure;
  const at = expression === undefined ? "" : `(at ${expression}) `;
  return {
    type: "PermFail",
    message: `Error evaluating \`${place}\` ${at}${reason}`,
    location: place,
    cause: isMissing ? "missing" : "wrong",
    ...(source ? { source } : {}),
  };
}
