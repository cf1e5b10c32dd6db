// SPDX-License-Identifier: Apache-2.0

import { MEMORY_LIMIT_MEBIBYTES } from "../deployment.ts";
import { type Row, row } from "../row.ts";
import { longerStall, type Stall } from "./reloading_process.ts";
import { rollBackRows, type RollBackTimes } from "./roll_backs.ts";
import type { TeamSize } from "./team_repository.ts";

const MEBIBYTE = 2 ** 20;
/** Pushes until memory is taken for settled, and over which it is looked at: collections make it
 * rise and fall like a saw. */
const MOST_PUSHES = 100;

/** How long a start took, and what it did to the event loop. */
export interface Started {
  readonly tookMs: number;
  readonly stall: Stall;
}

/** All that was measured; times in milliseconds. */
export interface MeasuredReload {
  /** Of each push, until it is in force in its channel. */
  readonly own: readonly number[];
  /** Of each push to the lowest branch, until it is in force in all channels. */
  readonly all: readonly number[];
  readonly started: Started;
  readonly restarted: Started;
  readonly stall: Stall;
  /** Bytes after each push. */
  readonly resident: readonly number[];
  readonly taken: RollBackTimes;
}

/** What was measured, beside the budgets. */
export function reloadRows(measured: MeasuredReload, size: TeamSize): readonly Row[] {
  const { own, all, started, restarted, stall, resident, taken } = measured;
  const where = `${size.files} files, ${size.branches} branches`;
  const seconds = (work: string, figure: number, budget?: number): Row =>
    row({
      work,
      figure: figure / 1_000,
      unit: "s",
      bound: "at most",
      ...(budget === undefined ? {} : { budget }),
    });
  return [
    seconds(`push → in force, p50 (${where})`, quantile(own, 0.5), 2),
    seconds(`push → in force, p99 of ${own.length}`, quantile(own, 0.99), 2),
    seconds(`push to main → in force in all channels over it, p99`, quantile(all, 0.99)),
    row({
      work: "longest stall of the event loop while reloading",
      figure: stall.own,
      unit: "ms",
      budget: 50,
      bound: "at most",
    }),
    row({
      work: "the same with the time in which other processes had the core",
      figure: stall.whole,
      unit: "ms",
      bound: "at most",
    }),
    row({
      work: "longest time of the thread on a core in one turn, starts included",
      figure: longerStall(stall, longerStall(started.stall, restarted.stall)).onCore,
      unit: "ms",
      bound: "at most",
    }),
    row({
      work: "longest stall while everything is loaded at the start",
      figure: started.stall.own,
      unit: "ms",
      budget: 50,
      bound: "at most",
    }),
    row({
      work: "longest stall while everything is restored from the record after a crash",
      figure: restarted.stall.own,
      unit: "ms",
      budget: 50,
      bound: "at most",
    }),
    seconds(`start after a crash → all ${size.branches} channels in force`, restarted.tookMs),
    ...memoryRows(resident),
    ...rollBackRows(taken),
  ];
}

function memoryRows(resident: readonly number[]): readonly Row[] {
  const pushes = resident.length;
  const warm = Math.min(MOST_PUSHES, Math.floor(pushes / 3));
  const looked = Math.max(1, Math.min(MOST_PUSHES, Math.floor((pushes - warm) / 2)));
  const first = resident.slice(warm, warm + looked);
  const last = resident.slice(-looked);
  return [
    row({
      work: `memory over the last ${looked} of ${pushes} pushes, of that over as many ` +
        `after the first ${warm} (medians)`,
      figure: quantile(last, 0.5) / quantile(first, 0.5) * 100,
      unit: "%",
      budget: 110,
      bound: "at most",
    }),
    row({
      work: "most resident memory after a push",
      figure: Math.max(...resident) / MEBIBYTE,
      unit: "MiB",
      budget: MEMORY_LIMIT_MEBIBYTES,
      bound: "at most",
    }),
  ];
}

/** The value that a share of all does not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}
