// SPDX-License-Identifier: Apache-2.0

import type { DocumentPart } from "./document_part.ts";
import type { Span } from "./source_text.ts";

/** One use of a variable in an expression of a definition. */
export interface VariableUse {
  /** The variable, for example `inputs`. */
  readonly root: string;
  /** Its first member, if that is a constant. */
  readonly name?: string;
  /** All constant members that follow it, the first included. */
  readonly path: readonly string[];
  /** How a missing value is taken: it fails, `has()` asks for it, or the optional syntax reads it. */
  readonly reading: "plain" | "tested" | "optional";
  /** Where it stands in the file: the name, else the variable. */
  readonly span: Span;
  /** The field whose expression it is. */
  readonly part: DocumentPart;
}

/** The inputs of Logic, as its expressions tell them (EX-14). */
export interface InputUse {
  /** Names that must be given, in order of appearance. */
  readonly needed: readonly string[];
  /** Names that are used at all; absent when the inputs are also used as a whole. */
  readonly used?: ReadonlySet<string>;
}

/** What Logic uses of `root`: `inputs` of a Function, `parent` of a Workflow. */
export function inputUseOf(uses: readonly VariableUse[], root: string): InputUse {
  const own = uses.filter((use) => use.root === root);
  const tested = new Set(own.filter(({ reading }) => reading === "tested").map(({ name }) => name));
  const needed = new Set<string>();
  for (const { name, reading } of own) {
    if (name !== undefined && reading === "plain" && !tested.has(name)) needed.add(name);
  }
  if (own.some(({ name }) => name === undefined)) return { needed: [...needed] };
  return { needed: [...needed], used: new Set(own.flatMap(({ name }) => name ?? [])) };
}
