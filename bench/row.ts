// SPDX-License-Identifier: Apache-2.0

/** One measured figure beside its budget. */
export interface Row {
  readonly work: string;
  readonly figure: number;
  readonly unit: string;
  /** Absent where the architecture sets none. */
  readonly budget?: number;
  /** Whether the figure must reach the budget or stay below it. */
  readonly bound: "at least" | "at most";
  /** Absent without a budget. */
  readonly holds?: boolean;
  /** The same work in koreo-core, where it was recorded. */
  readonly original?: string;
}

/** A row, with the verdict. */
export function row(measured: Omit<Row, "holds">): Row {
  const { figure, budget, bound } = measured;
  if (budget === undefined) return measured;
  return { ...measured, holds: bound === "at least" ? figure >= budget : figure <= budget };
}

/** A row as a line of text. */
export function rowText({ work, figure, unit, budget, bound, holds, original }: Row): string {
  const sign = bound === "at least" ? "≥" : "≤";
  const limit = budget === undefined ? "" : `${sign} ${number(budget)}`;
  const before = original === undefined ? "" : `(koreo-core: ${original})`;
  const verdict = holds === undefined ? "      " : holds ? "holds " : "MISSED";
  const measured = `${verdict} ${work.padEnd(58)} ${number(figure).padStart(9)} ${unit.padEnd(5)}`;
  return `${measured} ${limit.padEnd(10)} ${before}`.trimEnd();
}

function number(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString("en-US");
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
