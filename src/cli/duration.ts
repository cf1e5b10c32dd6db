// SPDX-License-Identifier: Apache-2.0

import { UsageError } from "./command_io.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** The longest that a timer waits; a longer one would be over at once. */
const MAX_MS = 2 ** 31 - 1;

/** The duration that an option was given. */
export function durationOption(name: string, text: string): number {
  return readDuration(text, ` for ${name}`);
}

/**
 * Reads a duration such as `500ms`, `30s`, `5m` or `1h`.
 *
 * @param text What the user wrote
 * @returns Milliseconds, more than 0 and no more than a timer can wait
 * @throws {UsageError} If the text is no duration, nothing, or more than 596 hours
 */
export function parseDuration(text: string): number {
  return readDuration(text, "");
}

function readDuration(text: string, place: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  if (milliseconds > MAX_MS) {
    throw new UsageError(`Cannot wait "${text}"${place}: the longest duration is "596h"`);
  }
  if (milliseconds > 0) return milliseconds;
  throw new UsageError(
    `Cannot read the duration "${text}"${place}: expected a whole number with a unit, ` +
      'such as "30s", "5m" or "1h"',
  );
}

/** Says milliseconds as people do: `450 ms`, `12.3 s`. */
export function durationText(milliseconds: number): string {
  return milliseconds < 1_000
    ? `${Math.round(milliseconds)} ms`
    : `${(milliseconds / 1_000).toFixed(1)} s`;
}
