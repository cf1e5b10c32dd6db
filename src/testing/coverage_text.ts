// SPDX-License-Identifier: Apache-2.0

import type { CoveragePoint, CoverageReport, DefinitionCoverage } from "./coverage.ts";
import { COVERAGE_METRICS } from "./coverage_points.ts";
import type { CoverageCount, CoverageTotals } from "./coverage_totals.ts";

/** The coverage for people: a table, and below each definition what no test reached. */
export function coverageText(report: CoverageReport): string {
  const heads = report.definitions.map(nameOf);
  const width = Math.max("coverage".length, ...heads.map(({ length }) => length));
  const row = (name: string, cells: readonly string[]) =>
    [name.padEnd(width), ...cells.map((cell, index) => cell.padStart(WIDTHS[index] ?? 0))]
      .join("  ");
  const lines = [
    row("coverage", [...COVERAGE_METRICS, "all"]),
    ...report.definitions.flatMap((definition) => [
      row(nameOf(definition), cellsOf(definition)),
      ...missedPoints(definition.points).map((point) => missedLine(definition, point)),
    ]),
    row("all", cellsOf(report)),
  ];
  return lines.join("\n") + "\n";
}

const WIDTHS = [...COVERAGE_METRICS.map(({ length }) => length), "100.0 %".length];

function nameOf({ kind, namespace, name }: DefinitionCoverage): string {
  return `${kind} ${namespace}/${name}`;
}

function cellsOf(totals: CoverageTotals): readonly string[] {
  return [
    ...COVERAGE_METRICS.map((metric) => countText(totals[metric])),
    `${totals.percent.toFixed(1)} %`,
  ];
}

function countText({ covered, total }: CoverageCount): string {
  return total === 0 ? "-" : `${covered}/${total}`;
}

/** Points with an arm that was not taken. Of an expression that was never run its parts say nothing. */
function missedPoints(points: readonly CoveragePoint[]): readonly CoveragePoint[] {
  const dead = new Set(points.filter(isWhole).filter(isDead).map(({ path }) => path));
  return points.filter((point) => {
    const isTold = isWhole(point) || !dead.has(point.path);
    return isTold && point.arms.some(({ hits }) => hits === 0);
  });
}

function isWhole({ type }: CoveragePoint): boolean {
  return type !== "condition" && type !== "operand";
}

function isDead({ arms }: CoveragePoint): boolean {
  return arms.every(({ hits }) => hits === 0);
}

/** `web.k.yaml:14:22 spec.steps[1].skipIf never true: size(steps.config.caches) == 0`. */
function missedLine({ file }: DefinitionCoverage, point: CoveragePoint): string {
  const { path, line, column, text } = point;
  const missed = point.arms.filter(({ hits }) => hits === 0).map(({ name }) => `never ${name}`);
  const said = text === "" ? "" : `: ${shortened(text)}`;
  return `  ${file}:${line}:${column} ${path} ${missed.join(", ")}${said}`;
}

/** The longest piece of source on a line. */
const MAX_SHOWN = 60;

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}
