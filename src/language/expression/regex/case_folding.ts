// SPDX-License-Identifier: Apache-2.0

/**
 * Characters whose case mappings do not lead to each other, by what they fold to: long s, the signs
 * for kelvin, ångström, ohm and micro, and Greek and Cyrillic variant forms.
 */
const VARIANTS: ReadonlyMap<number, readonly number[]> = new Map(
  [
    "sſ",
    "k\u212a",
    "å\u212b",
    "ω\u2126",
    "μ\u00b5",
    "σς",
    "βϐ",
    "εϵ",
    "θϑϴ",
    "ιι\u0345",
    "κϰ",
    "πϖ",
    "ρϱ",
    "φϕ",
    "ßẞ",
    "ṡẛ",
  ]
    .map((row) => Array.from(row, (character) => character.codePointAt(0) ?? 0))
    .map(([folded = 0, ...variants]) => [folded, variants]),
);

/** Dotless and dotted i have no counterpart in simple case folding. */
const UNFOLDED: ReadonlySet<number> = new Set([0x130, 0x131]);

/** The form that characters share which differ in case only (Unicode simple case folding). */
export function foldCase(codePoint: number): number {
  if (UNFOLDED.has(codePoint)) return codePoint;
  return mapped(mapped(codePoint, "toUpperCase"), "toLowerCase");
}

/** Every character that differs from this one in case only, itself among them. */
export function orbitOf(codePoint: number): readonly number[] {
  const folded = foldCase(codePoint);
  return [folded, mapped(folded, "toUpperCase"), ...VARIANTS.get(folded) ?? []];
}

/** A case mapping, where it gives one character. */
function mapped(codePoint: number, mapping: "toUpperCase" | "toLowerCase"): number {
  const text = String.fromCodePoint(codePoint)[mapping]();
  const [only, ...more] = text;
  return more.length === 0 ? only?.codePointAt(0) ?? codePoint : codePoint;
}
