// SPDX-License-Identifier: Apache-2.0

import { caseLines, placeText, testName } from "./case_text.ts";
import type { CaseReport, TestReport, TestsReport } from "./test_results.ts";

/** The report as JUnit XML: one suite per FunctionTest, one testcase per case. */
export function reportJunit(report: TestsReport): string {
  const broken = report.tests.filter((test) => test.message !== undefined).length;
  const total = report.passed + report.failed + report.skipped + report.notRun + broken;
  const head = attributes({
    name: "koreo",
    tests: total,
    failures: report.failed,
    errors: broken,
    skipped: report.skipped + report.notRun,
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${head}>`,
    ...report.tests.flatMap(suite),
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(test: TestReport): readonly string[] {
  const count = (...results: readonly string[]) =>
    test.cases.filter((report) => results.includes(report.result)).length;
  const errors = test.message === undefined ? 0 : 1;
  const head = attributes({
    name: testName(test),
    tests: test.cases.length + errors,
    failures: count("fail"),
    errors,
    skipped: count("skipped", "notRun"),
    file: test.file,
  });
  return [
    `  <testsuite${head}>`,
    ...test.message === undefined ? [] : brokenCase(test, test.message),
    ...test.cases.flatMap((report) => testCase(test, report)),
    "  </testsuite>",
  ];
}

function brokenCase(test: TestReport, message: string): readonly string[] {
  return [
    `    <testcase${caseAttributes(test, test.name, test.line)}>`,
    `      <error${attributes({ message })}>${escaped(placeText(test))}</error>`,
    "    </testcase>",
  ];
}

function testCase(test: TestReport, report: CaseReport): readonly string[] {
  const open = `    <testcase${caseAttributes(test, report.label, report.line)}`;
  if (report.result === "pass") return [`${open}/>`];
  return [`${open}>`, `      ${outcomeElement(report)}`, "    </testcase>"];
}

function outcomeElement(report: CaseReport): string {
  if (report.result !== "fail") {
    const message = report.result === "skipped" ? "user skipped" : "not run";
    return `<skipped${attributes({ message })}/>`;
  }
  const lines = caseLines(report);
  const head = attributes({ message: lines[0] ?? "failed", type: "AssertionError" });
  return `<failure${head}>${escaped([placeText(report), ...lines].join("\n"))}</failure>`;
}

function caseAttributes(test: TestReport, name: string, line: number): string {
  return attributes({ name, classname: testName(test), file: test.file, line });
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values).map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** Text as XML takes it; characters that XML has no way to write become U+FFFD. */
function escaped(text: string): string {
  return text
    // deno-lint-ignore no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"\n]/g, (character) => ENTITIES[character] ?? character);
}
