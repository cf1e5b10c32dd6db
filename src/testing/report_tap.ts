// SPDX-License-Identifier: Apache-2.0

import { caseLines, placeText, testName } from "./case_text.ts";
import type { CaseReport, TestReport, TestsReport } from "./test_results.ts";

/** One line of TAP before it has its number. */
interface Point {
  readonly ok: boolean;
  readonly name: string;
  readonly directive?: string;
  readonly place: string;
  readonly lines: readonly string[];
}

/** The report as TAP 14: one test point per case, and one per test that could not be run. */
export function reportTap(report: TestsReport): string {
  const points = report.tests.flatMap(testPoints);
  const lines = points.flatMap((point, index) => pointLines(point, index + 1));
  return ["TAP version 14", `1..${points.length}`, ...lines].join("\n") + "\n";
}

function testPoints(test: TestReport): readonly Point[] {
  const own: readonly Point[] = test.message === undefined ? [] : [{
    ok: test.pass,
    name: testName(test),
    place: placeText(test),
    lines: [test.message],
  }];
  return [...own, ...test.cases.map((report) => casePoint(test, report))];
}

function casePoint(test: TestReport, report: CaseReport): Point {
  const directive =
    { pass: undefined, fail: undefined, skipped: "SKIP user skipped", notRun: "SKIP not run" }[
      report.result
    ];
  return {
    ok: report.result !== "fail",
    name: `${testName(test)} > ${report.label}`,
    ...directive === undefined ? {} : { directive },
    place: placeText(report),
    lines: caseLines(report),
  };
}

function pointLines(point: Point, number: number): readonly string[] {
  const directive = point.directive === undefined ? "" : ` # ${point.directive}`;
  const name = point.name.replaceAll("\\", "\\\\").replaceAll("#", "\\#").replaceAll("\n", " ");
  const line = `${point.ok ? "ok" : "not ok"} ${number} - ${name}${directive}`;
  if (point.ok) return [line];
  const details = [
    `at: ${JSON.stringify(point.place)}`,
    "details:",
    ...point.lines.map((text) => `  - ${JSON.stringify(text)}`),
  ];
  return [line, "  ---", ...details.map((text) => `  ${text}`), "  ..."];
}
