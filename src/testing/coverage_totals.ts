// SPDX-License-Identifier: Apache-2.0

import {
  type CoverageArm,
  type CoverageMetric,
  type CoveragePointType,
  METRIC_OF,
} from "./coverage_points.ts";

/** How many arms there are, and how many of them were taken. */
export interface CoverageCount {
  /** Arms that were taken at least once. */
  readonly covered: number;
  /** All arms. */
  readonly total: number;
}

/** The counts of each metric. */
export type CoverageCounts = Readonly<Record<CoverageMetric, CoverageCount>>;

/** The counts of each metric, and of all together. */
export interface CoverageTotals extends CoverageCounts, CoverageCount {
  /** Share of the arms that were taken, 0 to 100, rounded down to one decimal; 100 of none. */
  readonly percent: number;
}

/** Counts the arms of points. */
export function countsOf(
  points: readonly { readonly type: CoveragePointType; readonly arms: readonly CoverageArm[] }[],
): CoverageCounts {
  return byMetric((metric) => {
    const arms = points.flatMap(({ type, arms }) => METRIC_OF[type] === metric ? arms : []);
    return { covered: arms.filter(({ hits }) => hits > 0).length, total: arms.length };
  });
}

/** Adds counts up. */
export function totalsOf(parts: readonly CoverageCounts[]): CoverageTotals {
  const counts = byMetric((metric) => sumOf(parts.map((part) => part[metric])));
  const all = sumOf(Object.values(counts));
  return { percent: percentOf(all), ...all, ...counts };
}

function byMetric(count: (metric: CoverageMetric) => CoverageCount): CoverageCounts {
  return {
    expressions: count("expressions"),
    branches: count("branches"),
    steps: count("steps"),
    actions: count("actions"),
  };
}

function sumOf(counts: readonly CoverageCount[]): CoverageCount {
  return counts.reduce((sum, { covered, total }) => ({
    covered: sum.covered + covered,
    total: sum.total + total,
  }), { covered: 0, total: 0 });
}

/** Rounded down: 100 means that nothing is missing. */
function percentOf({ covered, total }: CoverageCount): number {
  return total === 0 ? 100 : Math.floor(covered * 1000 / total) / 10;
}
