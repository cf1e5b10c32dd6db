// SPDX-License-Identifier: Apache-2.0

import type { CoveragePoint, CoverageReport, DefinitionCoverage } from "./coverage.ts";

/**
 * The coverage as an lcov tracefile, which editors and services for coverage read.
 *
 * A definition counts as a function; a line as often as the expression on it that ran least often.
 */
export function coverageLcov(report: CoverageReport): string {
  const files = Map.groupBy(report.definitions, ({ file }) => file);
  return [...files].map(([file, definitions]) => fileRecord(file, definitions)).join("");
}

function fileRecord(file: string, definitions: readonly DefinitionCoverage[]): string {
  const points = definitions.flatMap(({ points }) => points);
  const lines = [
    "TN:",
    `SF:${file}`,
    ...functionLines(definitions),
    ...branchLines(points.filter(({ arms }) => arms.length > 1)),
    ...hitLines(points),
    "end_of_record",
  ];
  return lines.join("\n") + "\n";
}

function functionLines(definitions: readonly DefinitionCoverage[]): readonly string[] {
  const functions = definitions.map(({ kind, namespace, name, line, points }) => ({
    line,
    name: `${kind} ${namespace}/${name}`,
    hits: Math.max(0, ...points.map(hitsOf)),
  }));
  return [
    ...functions.map(({ line, name }) => `FN:${line},${name}`),
    ...functions.map(({ hits, name }) => `FNDA:${hits},${name}`),
    `FNF:${functions.length}`,
    `FNH:${functions.filter(({ hits }) => hits > 0).length}`,
  ];
}

/** A branch that was never come to has a dash. */
function branchLines(points: readonly CoveragePoint[]): readonly string[] {
  const taken = points.flatMap((point, block) => {
    const isReached = hitsOf(point) > 0;
    return point.arms.map(({ hits }, branch) =>
      `BRDA:${point.line},${block},${branch},${isReached ? hits : "-"}`
    );
  });
  const arms = points.flatMap(({ arms }) => arms);
  return [
    ...taken,
    `BRF:${arms.length}`,
    `BRH:${arms.filter(({ hits }) => hits > 0).length}`,
  ];
}

function hitLines(points: readonly CoveragePoint[]): readonly string[] {
  const byLine = new Map<number, number>();
  for (const point of points) {
    const hits = hitsOf(point);
    byLine.set(point.line, Math.min(hits, byLine.get(point.line) ?? hits));
  }
  const sorted = [...byLine].sort(([a], [b]) => a - b);
  return [
    ...sorted.map(([line, hits]) => `DA:${line},${hits}`),
    `LF:${sorted.length}`,
    `LH:${sorted.filter(([, hits]) => hits > 0).length}`,
  ];
}

function hitsOf({ arms }: CoveragePoint): number {
  return arms.reduce((sum, { hits }) => sum + hits, 0);
}
