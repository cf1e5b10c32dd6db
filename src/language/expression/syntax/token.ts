// SPDX-License-Identifier: Apache-2.0

import type { Value } from "../values/value.ts";

/** Operators and brackets, longest first. */
export const PUNCTUATION = [
  "&&",
  "||",
  "==",
  "!=",
  "<=",
  ">=",
  "<",
  ">",
  "!",
  "?",
  ":",
  ".",
  ",",
  "+",
  "-",
  "*",
  "/",
  "%",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
] as const;

/** An operator or bracket. */
export type Punctuation = typeof PUNCTUATION[number];

/** A piece of the source. */
export type Token =
  & { readonly start: number; readonly end: number }
  & (
    | { readonly type: Punctuation | "end" }
    /** A name, keywords among them. */
    | { readonly type: "name"; readonly text: string }
    /** A name between backticks. */
    | { readonly type: "quoted"; readonly text: string }
    /** A whole number without suffix: its size is checked once its sign is known. */
    | { readonly type: "int"; readonly digits: bigint }
    | { readonly type: "literal"; readonly value: Value }
    | { readonly type: "double"; readonly value: number }
  );

/** Words with a meaning of their own, which are not names. */
export const KEYWORDS: ReadonlySet<string> = new Set(["true", "false", "null", "in"]);

/** Words that CEL keeps for later: no variable may have such a name, members may. */
export const RESERVED: ReadonlySet<string> = new Set([
  "as",
  "break",
  "const",
  "continue",
  "else",
  "for",
  "function",
  "if",
  "import",
  "let",
  "loop",
  "namespace",
  "package",
  "return",
  "var",
  "void",
  "while",
]);
