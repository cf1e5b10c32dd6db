// SPDX-License-Identifier: Apache-2.0

import type { DefinitionId } from "./definition.ts";
import type { SourcePlace } from "./diagnostic.ts";

/** A part of a definition that a run may or may not reach. */
export interface EvaluationSite {
  /**
   * A whole expression; literal data in place of one; the condition of `a ? b : c`; an operand of
   * `&&` or `||`; a step; a case of a `refSwitch`.
   */
  readonly type: "expression" | "literal" | "condition" | "operand" | "step" | "case";
  /** Where in the document: `spec.return.size`. */
  readonly path: string;
  /** Where in the file. */
  readonly place: SourcePlace;
  /** The source of the expression; the label of a step; the text of a case; else empty. */
  readonly text: string;
}

/** Is told each result at a site: a `Value`, or the fault that came instead. Must not throw. */
export type SeeResult = (result: unknown) => void;

/** Tells of a site of the definition that is being compiled. Steps and cases have no results. */
export type WatchSite = (site: EvaluationSite) => SeeResult;

/** Sees what the expressions of a Program come to; for coverage. */
export interface EvaluationObserver {
  /**
   * Called before a ValueFunction, ResourceFunction or Workflow is compiled.
   *
   * @param id What the definition is called
   * @param place Where its document begins
   * @returns What is told of its sites
   */
  open(id: DefinitionId, place: SourcePlace): WatchSite;
}
