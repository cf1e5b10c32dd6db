// SPDX-License-Identifier: Apache-2.0

/** How many runs of a trigger changes of its objects have caused of late: a bucket that leaks. */
export interface DriftPace {
  readonly level: number;
  /** When `level` was right, in milliseconds. */
  readonly at: number;
}

/** Nothing has happened yet. */
export const NO_DRIFT: DriftPace = { level: 0, at: 0 };

/** So many runs may follow each other at once; beyond, as many as leak away. */
const FREE_RUNS = 20;
const LEAK_PER_MS = 1 / 5_000;
const MAX_DELAY_MS = 10_000;

/** The pace after a run that a change of a managed object caused. */
export function afterDriftRun(pace: DriftPace, now: number): DriftPace {
  return { level: levelAt(pace, now) + 1, at: now };
}

/**
 * How long a run for a change of a managed object is put off: not at all, unless such changes keep
 * coming, as they do when someone else does not leave the object as it should be.
 */
export function driftDelayMs(pace: DriftPace, now: number): number {
  const excess = levelAt(pace, now) - (FREE_RUNS - 1);
  return excess <= 0 ? 0 : Math.min(MAX_DELAY_MS, Math.ceil(excess / LEAK_PER_MS));
}

function levelAt({ level, at }: DriftPace, now: number): number {
  return Math.max(0, level - (now - at) * LEAK_PER_MS);
}
