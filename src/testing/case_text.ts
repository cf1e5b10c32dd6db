// SPDX-License-Identifier: Apache-2.0

import { differencePlaces, renderPath } from "./difference.ts";
import type { CaseReport, TestReport } from "./test_results.ts";

/** Texts longer than this are cut: a whole manifest on one line helps nobody. */
const MAX_OUTCOME_CHARACTERS = 400;

/** What a report says of a case, line by line: the message, the differences, the outcomes. */
export function caseLines(report: CaseReport): readonly string[] {
  const { message, differences, expected, actual } = report;
  const places = differences === undefined ? [] : differencePlaces(differences);
  return [
    ...message === undefined ? [] : message.split("\n"),
    ...places.map(({ path, text }) => `${renderPath(path)}: ${text}`),
    ...expected === undefined ? [] : [`expected: ${shortened(expected)}`],
    ...actual === undefined ? [] : [`actual:   ${shortened(actual)}`],
    ...sourceLines(report.source),
  ];
}

/** Where the cause stands, so that an editor can jump there: `at: bucket.koreo:14:22`. */
function sourceLines(source: CaseReport["source"]): readonly string[] {
  return source === undefined ? [] : [`at:       ${placeText(source)}:${source.column}`];
}

/** Where a case or a test stands: `bucket.koreo:41`. */
export function placeText(place: { readonly file: string; readonly line: number }): string {
  return `${place.file}:${place.line}`;
}

/** A test by name, as reports head it: `platform/bucket.v1`. */
export function testName(test: Pick<TestReport, "namespace" | "name">): string {
  return `${test.namespace}/${test.name}`;
}

/** The counts of a run in words: `40 passed, 1 failed, 0 skipped, 2 not run`. */
export function countsText(
  counts: Readonly<Record<"passed" | "failed" | "skipped" | "notRun", number>>,
): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped, ` +
    `${counts.notRun} not run`;
}

function shortened(text: string): string {
  return text.length > MAX_OUTCOME_CHARACTERS ? `${text.slice(0, MAX_OUTCOME_CHARACTERS)}…` : text;
}
