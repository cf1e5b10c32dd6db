// SPDX-License-Identifier: Apache-2.0

/**
 * The one place of the product where text becomes code.
 *
 * What a repository says never becomes code. The text holds no character of any definition: it is
 * put together from the words and signs in the files beside this one, and what a definition says
 * (names of members, texts, numbers) reaches the function as the values of parameters that are
 * called `c0`, `c1` and so on. {@link isOwnText} asks every text once more before it is used.
 *
 * @module
 */

/** Gives what the text returns for these constants. */
export type MakeWith = (...constants: readonly unknown[]) => unknown;

/**
 * A text with so many constants as a function of them; `undefined` where the host does not allow to
 * make code of text, as `--disallow-code-generation-from-strings` says to V8. A text that is not
 * our own is a fault in the files beside this one: it is not run either, and nothing is lost.
 */
export function makeFunction(text: string, constants: number): MakeWith | undefined {
  if (!isOwnText(text)) return undefined;
  const names = Array.from({ length: constants }, (_, index) => `c${index}`);
  try {
    // deno-lint-ignore house/no-code-from-text -- our own words only, see above
    return new Function(...names, text) as MakeWith;
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

const WORDS: ReadonlySet<string> = new Set([
  ..."const let if else for break return function typeof null undefined true false".split(" "),
  ..."Number isSafeInteger Array isArray length push".split(" "),
  ..."quick inputs resource locals before after budget allowance n".split(" "),
  ..."limits expressionCost runLeft left madeNodes".split(" "),
]);

/** A word, a numbered name, a number, one of five texts, or a sign; then space. */
const TOKEN =
  /(?:([a-zA-Z]+)(?![a-zA-Z0-9])|[cv][0-9]+|[0-9]+|"(?:use strict|string|number|boolean|object)"|[-+*/<>=!&|?:;,.(){}[\]])[ \n]*/y;

/** Whether a text consists of the words and signs of this folder. */
export function isOwnText(text: string): boolean {
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text);
    if (token === null || (token[1] !== undefined && !WORDS.has(token[1]))) return false;
  }
  return true;
}
