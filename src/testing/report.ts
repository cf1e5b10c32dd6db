// SPDX-License-Identifier: Apache-2.0

import { reportDot, reportPretty, type ReportStyle } from "./report_pretty.ts";
import { reportJunit } from "./report_junit.ts";
import { reportTap } from "./report_tap.ts";
import type { TestsReport } from "./test_results.ts";

/** The report as a JSON document (CONTRACTS: `koreo test -o json`), with a final line break. */
export function reportJson(report: TestsReport): string {
  const document = {
    ...report,
    diagnostics: report.diagnostics.map(({ excerpt: _frame, ...diagnostic }) => diagnostic),
    tests: report.tests.map((test) => ({
      ...test,
      cases: test.cases.map(({ outcome: _internal, ...rest }) => rest),
    })),
  };
  return JSON.stringify(document, undefined, 2) + "\n";
}

/** The names of the reporters. */
export type ReporterName = "pretty" | "dot" | "tap" | "junit" | "json";

/** The reporters by name: pure functions from a result to text. */
export const REPORTERS: Readonly<
  Record<ReporterName, (report: TestsReport, style?: ReportStyle) => string>
> = {
  pretty: reportPretty,
  dot: reportDot,
  tap: reportTap,
  junit: reportJunit,
  json: reportJson,
};
