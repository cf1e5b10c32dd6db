// SPDX-License-Identifier: Apache-2.0

import { textHash } from "./text_hash.ts";

/** A name that a label can hold, since triggers name channels by label. */
export const CHANNEL_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

const MAX_NAME = 63;
/** Hexadecimal, of what is missing. */
const HASH_DIGITS = 8;

/** Whether a channel that a pattern makes can be called so; its own name stands for any of them. */
export function isNameOf(pattern: string, wanted: string): boolean {
  if (wanted === pattern) return true;
  const [before, after] = nameParts(pattern);
  return wanted.length >= before.length + after.length && wanted.startsWith(before) &&
    wanted.endsWith(after);
}

/**
 * The name of a channel that a pattern makes; one that a label cannot hold where the pattern's own
 * name leaves no room.
 *
 * @param pattern Its name, with or without a `*`
 * @param part What its `*` stands for in the name of a branch
 */
export function channelName(pattern: string, part: string): string {
  const whole = trimmed(part.replace(/[^A-Za-z0-9._-]+/g, "-"));
  const [before, after] = nameParts(pattern);
  const named = (text: string) => `${before}${text}${after}`;
  const excess = named(whole).length - MAX_NAME;
  if (whole !== "" && excess <= 0) return named(whole);
  const kept = trimmed(whole.slice(0, Math.max(0, whole.length - excess - HASH_DIGITS - 1)));
  const hash = textHash(part).toString(16).padStart(HASH_DIGITS, "0");
  return named(kept === "" ? hash : `${kept}-${hash}`);
}

/** What stands before and after the text of a branch in the names of a pattern's channels. */
function nameParts(pattern: string): readonly [before: string, after: string] {
  const [before = "", after] = pattern.split("*");
  return after === undefined ? [`${pattern}-`, ""] : [before, after];
}

/**
 * Whether channels of two patterns may come to one name, whatever their branches are called.
 *
 * @param one The name of a pattern, with or without a `*`
 * @param other That of another one
 */
export function mayShareNames(one: string, other: string): boolean {
  const [[before, after], [otherBefore, otherAfter]] = [nameParts(one), nameParts(other)];
  return (before.startsWith(otherBefore) || otherBefore.startsWith(before)) &&
    (after.endsWith(otherAfter) || otherAfter.endsWith(after));
}

function trimmed(text: string): string {
  return text.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}
