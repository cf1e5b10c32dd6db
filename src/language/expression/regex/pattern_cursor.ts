// SPDX-License-Identifier: Apache-2.0

import { PatternSyntaxError } from "./pattern.ts";

/** The modes that `(?ims)` sets. */
export interface Flags {
  readonly ignoreCase: boolean;
  readonly multiLine: boolean;
  readonly dotAll: boolean;
}

/** Reads a pattern code point by code point. */
export interface PatternCursor {
  flags: Flags;
  readonly names: Set<string>;
  /** The next character, empty at the end. */
  peek(): string;
  take(): string;
  /** Takes `text` when it comes next. */
  accept(text: string): boolean;
  /** Takes up to `text`, which is taken too; `undefined` when it does not come. */
  takeUntil(text: string): string | undefined;
  /** Where the next character stands, to come back to. */
  mark(): number;
  reset(mark: number): void;
  /** Runs `parse` one level of nesting deeper. */
  nested<T>(parse: () => T): T;
}

/** The deepest nesting of a pattern. */
const MAX_DEPTH = 200;

/** A cursor at the start of `source`. */
export function createPatternCursor(source: string): PatternCursor {
  const characters = [...source];
  let at = 0;
  let depth = 0;
  const accept = (text: string) => {
    const matches = [...text].every((character, index) => characters[at + index] === character);
    if (matches) at += text.length;
    return matches;
  };
  return {
    flags: { ignoreCase: false, multiLine: false, dotAll: false },
    names: new Set(),
    peek: () => characters[at] ?? "",
    take: () => characters[at++] ?? "",
    accept,
    takeUntil(text) {
      const start = at;
      while (at < characters.length) {
        const end = at;
        if (accept(text)) return characters.slice(start, end).join("");
        at++;
      }
      at = start;
      return undefined;
    },
    mark: () => at,
    reset: (mark) => {
      at = mark;
    },
    nested(parse) {
      if (++depth > MAX_DEPTH) {
        throw new PatternSyntaxError(`it is nested more than ${MAX_DEPTH} levels deep`);
      }
      const result = parse();
      depth--;
      return result;
    },
  };
}
