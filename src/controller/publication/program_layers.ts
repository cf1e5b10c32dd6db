// SPDX-License-Identifier: Apache-2.0

import { type DefinitionId, definitionKey, type Program } from "../../language/mod.ts";
import type { PublishedProgram } from "./publication.ts";

/** Which definitions of a Program are not of its lowest layer, by key. */
const heights = new WeakMap<Program, ReadonlyMap<string, number>>();

/** Remembers which layer of its revision each definition of a Program is taken from. */
export function rememberLayers(
  program: Program,
  { upper = [] }: Pick<PublishedProgram, "upper">,
): void {
  if (upper.length === 0) return;
  const entries = upper.flatMap((keys, index) => keys.map((key) => [key, index + 1] as const));
  heights.set(program, new Map(entries));
}

/** How many layers lie below the one that a definition is taken from. */
export function layerHeight(program: Program, id: DefinitionId): number {
  return heights.get(program)?.get(definitionKey(id)) ?? 0;
}

/**
 * The definitions of a channel that are taken from upper layers, as a Program is published with
 * them.
 *
 * @param heightOf How many layers lie below that of each definition, by key
 * @returns Absent where all are of the lowest layer: then Programs of several channels may be one
 */
export function upperLayers(
  heightOf: ReadonlyMap<string, number>,
): Pick<PublishedProgram, "upper"> {
  const upper: string[][] = [];
  for (const [key, height] of heightOf) {
    if (height === 0) continue;
    while (upper.length < height) upper.push([]);
    upper[height - 1]?.push(key);
  }
  return upper.length === 0 ? {} : { upper: upper.map((keys) => keys.sort()) };
}
