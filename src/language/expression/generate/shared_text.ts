// SPDX-License-Identifier: Apache-2.0

import { makeFunction, type MakeWith } from "./make_function.ts";

/**
 * A text that functions are made of. All functions of one shape have one text and share the machine
 * code that the engine makes of it: a megabyte for each function would be the price otherwise, and
 * none of them would find its code in the caches of the processor.
 */
export interface SharedText {
  readonly text: string;
  readonly make: MakeWith;
  /** How many functions are made of it. */
  users: number;
}

const texts = new Map<string, SharedText>();
let length = 0;

/** The text for one more user; `undefined` when all texts would be longer than `maxLength`. */
export function shareText(
  text: string,
  { constants, maxLength }: { readonly constants: number; readonly maxLength: number },
): SharedText | undefined {
  const shared = texts.get(text) ?? addText(text, { constants, maxLength });
  if (shared !== undefined) shared.users++;
  return shared;
}

function addText(
  text: string,
  { constants, maxLength }: { readonly constants: number; readonly maxLength: number },
): SharedText | undefined {
  const make = length + text.length > maxLength ? undefined : makeFunction(text, constants);
  if (make === undefined) return undefined;
  const shared: SharedText = { text, make, users: 0 };
  texts.set(text, shared);
  length += text.length;
  return shared;
}

/** One user less; without any, the text goes. */
export function releaseText(shared: SharedText): void {
  if (--shared.users > 0) return;
  texts.delete(shared.text);
  length -= shared.text.length;
}
