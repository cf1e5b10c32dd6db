// SPDX-License-Identifier: Apache-2.0

import { cpuUsage } from "node:process";

/** How fast some work is. */
export interface Rate {
  /** Runs of the work for each second of CPU the process took. */
  readonly perCpuSecond: number;
  /** Microseconds of CPU for one run. */
  readonly microseconds: number;
  readonly runs: number;
}

/** Seconds of CPU: to warm up, and for each of the rounds of which the middle one counts. */
const WARM_UP_SECONDS = 0.8;
const ROUND_SECONDS = 0.3;
const ROUNDS = 7;

/** The CPU seconds this process has used so far, user and system. */
export function cpuSeconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Runs `work` in batches, first to warm up, then for several rounds. The middle one counts: other
 * processes of the machine slow down single rounds, through the caches they share.
 */
export async function measure(
  work: (turn: number) => unknown,
  options: { readonly batch: number },
): Promise<Rate> {
  await runFor(work, options.batch, WARM_UP_SECONDS);
  const rounds: number[] = [];
  let total = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { runs, seconds } = await runFor(work, options.batch, ROUND_SECONDS);
    rounds.push(seconds / runs);
    total += runs;
  }
  const seconds = median(rounds);
  return { perCpuSecond: 1 / seconds, microseconds: seconds * 1e6, runs: total };
}

/**
 * CPU seconds of one run of each of two pieces of work. They take turns, so that whatever slows the
 * machine down meets both; of each the quickest round counts, which nothing disturbed.
 */
export async function measurePair(
  first: (turn: number) => unknown,
  second: (turn: number) => unknown,
): Promise<{ readonly first: number; readonly second: number }> {
  const works = [first, second];
  for (const work of works) await runFor(work, PAIR_BATCH, WARM_UP_SECONDS);
  const best = [Infinity, Infinity];
  for (let round = 0; round < PAIR_ROUNDS; round++) {
    for (const [index, work] of works.entries()) {
      const { runs, seconds } = await runFor(work, PAIR_BATCH, PAIR_ROUND_SECONDS);
      best[index] = Math.min(best[index] ?? Infinity, seconds / runs);
    }
  }
  const [one = NaN, other = NaN] = best;
  return { first: one, second: other };
}

const PAIR_BATCH = 5_000;
const PAIR_ROUNDS = 20;
const PAIR_ROUND_SECONDS = 0.1;

async function runFor(
  work: (turn: number) => unknown,
  batch: number,
  atLeastSeconds: number,
): Promise<{ runs: number; seconds: number }> {
  const start = cpuSeconds();
  let runs = 0;
  let seconds = 0;
  while (seconds < atLeastSeconds) {
    for (let turn = 0; turn < batch; turn++) {
      const result = work(runs + turn);
      if (result instanceof Promise) await result;
    }
    runs += batch;
    seconds = cpuSeconds() - start;
  }
  return { runs, seconds };
}

/** The middle of some figures; of an even number the lower middle one. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}
