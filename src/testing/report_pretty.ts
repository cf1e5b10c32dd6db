// SPDX-License-Identifier: Apache-2.0

import { caseLines, countsText, placeText, testName } from "./case_text.ts";
import type { CaseReport, CaseResult, TestReport, TestsReport } from "./test_results.ts";

/** How a text report looks. */
export interface ReportStyle {
  /** ANSI colours; off unless asked for. */
  readonly colors?: boolean;
}

type Color = "red" | "green" | "yellow" | "dim";
const CODES: Readonly<Record<Color, number>> = { red: 31, green: 32, yellow: 33, dim: 2 };

const MARKS: Readonly<Record<CaseResult, readonly [text: string, color: Color, dot: string]>> = {
  pass: ["ok     ", "green", "."],
  fail: ["FAIL   ", "red", "F"],
  skipped: ["skip   ", "yellow", "s"],
  notRun: ["not run", "dim", "-"],
};

/** The report for people: every case, what differs, and where it stands in the YAML. */
export function reportPretty(report: TestsReport, style: ReportStyle = {}): string {
  const paint = painter(style);
  const tests = report.tests.map((test) => testLines(test, paint).join("\n"));
  return [...tests, summaryLine(report, paint)].join("\n\n") + "\n";
}

/** One character per case, then the failures in full. */
export function reportDot(report: TestsReport, style: ReportStyle = {}): string {
  const paint = painter(style);
  const dots = report.tests.flatMap((test) => test.cases).map(({ result }) => {
    const [, color, dot] = MARKS[result];
    return paint(color, dot);
  });
  const failures = report.tests.filter((test) => !test.pass).map((test) => {
    const cases = test.cases.filter((report) => report.result === "fail");
    return testLines({ ...test, cases }, paint).join("\n");
  });
  return [...wrapped(dots), ...failures, summaryLine(report, paint)].join("\n\n") + "\n";
}

function wrapped(dots: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (let start = 0; start < dots.length; start += 80) {
    lines.push(dots.slice(start, start + 80).join(""));
  }
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function testLines(test: TestReport, paint: Paint): readonly string[] {
  const subject = test.functionRef ? ` (${test.functionRef.kind} ${test.functionRef.name})` : "";
  const head = `${testName(test)}${subject} ${paint("dim", placeText(test))}`;
  return [
    head,
    ...test.message === undefined ? [] : indented(paint("red", test.message), 2),
    ...test.cases.flatMap((report) => caseBlock(report, paint)),
  ];
}

function caseBlock(report: CaseReport, paint: Paint): readonly string[] {
  const [text, color] = MARKS[report.result];
  const head = `  ${paint(color, text)} ${report.label}`;
  if (report.result !== "fail") return [head];
  return [`${head} ${paint("dim", placeText(report))}`, ...indented(caseLines(report), 10)];
}

function summaryLine(report: TestsReport, paint: Paint): string {
  const passed = report.tests.every((test) => test.pass);
  return paint(passed ? "green" : "red", countsText(report));
}

function indented(lines: string | readonly string[], width: number): readonly string[] {
  const all = typeof lines === "string" ? lines.split("\n") : lines;
  return all.map((line) => " ".repeat(width) + line);
}

type Paint = (color: Color, text: string) => string;

function painter(style: ReportStyle): Paint {
  return style.colors
    ? (color, text) => `\u001b[${CODES[color]}m${text}\u001b[0m`
    : (_color, text) => text;
}
