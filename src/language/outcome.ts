// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "./json.ts";
import type { SourcePlace } from "./diagnostic.ts";

/** Success (OC-1). */
export interface Ok<T = JsonValue> {
  /** Tells it from the other outcomes. */
  readonly type: "Ok";
  /** What the Logic gave; may be `null`. */
  readonly value: T;
}

/** What every outcome but success may say. */
export interface Unsuccessful {
  /** Why. */
  readonly message?: string;
  /** The place in the words of the language, for example `wf.spec.steps.a:spec.return`. */
  readonly location?: string;
  /** Where in the definitions the cause stands, when it is known. */
  readonly source?: SourcePlace;
}

/** Not run on purpose (OC-2). */
export interface Skip extends Unsuccessful {
  /** Tells it from the other outcomes. */
  readonly type: "Skip";
}

/** Not run because something it needs is not available (OC-3). */
export interface DepSkip extends Unsuccessful {
  /** Tells it from the other outcomes. */
  readonly type: "DepSkip";
  /** Whether a Skip is at its root (OC-12). */
  readonly rootedInSkip?: boolean;
}

/** Not yet: run again after the delay (OC-4). */
export interface Retry extends Unsuccessful {
  /** Tells it from the other outcomes. */
  readonly type: "Retry";
  /** When to run again. */
  readonly delaySeconds: number;
}

/** Needs intervention (OC-5). */
export interface PermFail extends Unsuccessful {
  /** Tells it from the other outcomes. */
  readonly type: "PermFail";
  /**
   * Of a failed evaluation (EX-41): whether a value was not there (yet), or whether one that is
   * there, or the expression itself, is wrong.
   */
  readonly cause?: "missing" | "wrong";
}

/** Every outcome but success. */
export type NonOk = Skip | DepSkip | Retry | PermFail;

/** What a run of Logic ends with (LANGUAGE.md chapter 5). */
export type Outcome<T = JsonValue> = Ok<T> | NonOk;
