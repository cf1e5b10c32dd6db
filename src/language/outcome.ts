// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "./json.ts";
import type { SourcePlace } from "./diagnostic.ts";

/** Success (OC-1). */
export interface Ok<T = JsonValue> {
  readonly type: "Ok";
  readonly value: T;
}

interface Unsuccessful {
  readonly message?: string;
  readonly location?: string;
  /** Where in the definitions the cause stands, when it is known. */
  readonly source?: SourcePlace;
}

/** Not run on purpose (OC-2). */
export interface Skip extends Unsuccessful {
  readonly type: "Skip";
}

/** Not run because something it needs is not available (OC-3). */
export interface DepSkip extends Unsuccessful {
  readonly type: "DepSkip";
  /** Whether a Skip is at its root (OC-12). */
  readonly rootedInSkip?: boolean;
}

/** Not yet: run again after the delay (OC-4). */
export interface Retry extends Unsuccessful {
  readonly type: "Retry";
  readonly delaySeconds: number;
}

/** Needs intervention (OC-5). */
export interface PermFail extends Unsuccessful {
  readonly type: "PermFail";
}

/** Every outcome but success. */
export type NonOk = Skip | DepSkip | Retry | PermFail;

/** What a run of Logic ends with (LANGUAGE.md chapter 5). */
export type Outcome<T = JsonValue> = Ok<T> | NonOk;
