// SPDX-License-Identifier: Apache-2.0

import type { CharacterTest } from "./character_test.ts";

/** Places between characters that a pattern can ask for. */
export type Place =
  | "textStart"
  | "textEnd"
  | "lineStart"
  | "lineEnd"
  | "wordBoundary"
  | "noWordBoundary";

/**
 * The tree of a pattern. Groups leave no node, and it does not matter how greedy a repetition is:
 * all that is ever asked is whether there is a match.
 */
export type Pattern =
  | { readonly type: "character"; readonly test: CharacterTest }
  | { readonly type: "place"; readonly place: Place }
  | { readonly type: "sequence"; readonly parts: readonly Pattern[] }
  | { readonly type: "choice"; readonly options: readonly Pattern[] }
  | {
    readonly type: "repeat";
    readonly body: Pattern;
    readonly min: number;
    /** `Infinity` when there is no limit. */
    readonly max: number;
  }
  | {
    readonly type: "look";
    readonly body: Pattern;
    readonly isAhead: boolean;
    readonly isNegative: boolean;
  };

/** Why a text is no pattern; never leaves the regex folder. */
export class PatternSyntaxError extends RangeError {}
