// SPDX-License-Identifier: Apache-2.0

/** A place in a file: 1-based line and column, columns in UTF-16 units. */
export interface SourcePlace {
  /** The file as it was named when it was read. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
}

/** How much a diagnostic counts (DG-3 to DG-5a). */
export type Severity = "error" | "unresolved" | "warning" | "information";

/** A place that helps to understand a diagnostic. */
export interface RelatedPlace extends SourcePlace {
  /** What the place has to do with it. */
  readonly message: string;
}

/** A problem that can be found without running a definition (DG-1). */
export interface Diagnostic extends SourcePlace {
  /** How much it counts. */
  readonly severity: Severity;
  /** What sort of problem: kebab-case, permanent. */
  readonly code: string;
  /** What is wrong. */
  readonly message: string;
  /** Path in the document, for example `spec.steps[2].inputs.size`. */
  readonly path?: string;
  /** The next move. */
  readonly help?: string;
  /** Places that help to understand it. */
  readonly related?: readonly RelatedPlace[];
  /** The line that the code frame shows, and the column after the last marked one. */
  readonly excerpt?: { readonly text: string; readonly endColumn: number };
}
