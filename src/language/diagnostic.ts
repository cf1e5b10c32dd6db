// SPDX-License-Identifier: Apache-2.0

/** A place in a file: 1-based line and column, columns in UTF-16 units. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** How much a diagnostic counts (DG-3 to DG-5a). */
export type Severity = "error" | "unresolved" | "warning" | "information";

/** A place that helps to understand a diagnostic. */
export interface RelatedPlace extends SourcePlace {
  readonly message: string;
}

/** A problem that can be found without running a definition (DG-1). */
export interface Diagnostic extends SourcePlace {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  /** Path in the document, for example `spec.steps[2].inputs.size`. */
  readonly path?: string;
  /** The next move. */
  readonly help?: string;
  readonly related?: readonly RelatedPlace[];
  /** The line that the code frame shows, and the column after the last marked one. */
  readonly excerpt?: { readonly text: string; readonly endColumn: number };
}
