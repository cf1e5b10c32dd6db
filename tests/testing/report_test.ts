// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { REPORTERS } from "../../src/testing/report.ts";
import { summarize, type TestReport } from "../../src/testing/test_results.ts";

const TESTS: readonly TestReport[] = [
  {
    name: "bucket.v1",
    namespace: "platform",
    functionRef: { kind: "ResourceFunction", name: "bucket.v1" },
    file: "bucket.koreo",
    line: 30,
    pass: false,
    cases: [
      { label: "created", result: "pass", file: "bucket.koreo", line: 36 },
      { label: "off", result: "skipped", file: "bucket.koreo", line: 40, message: "user skipped" },
      {
        label: "<port>",
        result: "fail",
        file: "bucket.koreo",
        line: 41,
        differences: { spec: { port: "missing", "a.b": [null, "unexpected"] } },
        expected: "Ok(data={})",
        actual: "Ok(data=1)",
        outcome: { type: "Ok", value: 9007199254740993n },
      },
      { label: "later", result: "notRun", file: "bucket.koreo", line: 50 },
    ],
  },
  {
    name: "gone",
    namespace: "platform",
    file: "gone.koreo",
    line: 1,
    pass: false,
    message:
      "ValueFunction (gone) not found or not ready, FunctionTest 'gone' must wait. Not found",
    cases: [{ label: "Test Case 1", result: "notRun", file: "gone.koreo", line: 9 }],
  },
];
const DIAGNOSTIC = {
  severity: "warning",
  code: "unknown-field",
  message: "m",
  file: "bucket.koreo",
  line: 3,
  column: 5,
} as const;
const REPORT = summarize(TESTS, [{ ...DIAGNOSTIC, excerpt: { text: "  x: 1", endColumn: 4 } }]);

Deno.test("summarize() counts cases by their result", () => {
  const { passed, failed, skipped, notRun } = REPORT;
  deepEqual({ passed, failed, skipped, notRun }, { passed: 1, failed: 1, skipped: 1, notRun: 2 });
});

Deno.test("the pretty report shows the difference and the place of a failing case", () => {
  equal(
    REPORTERS.pretty(REPORT),
    `platform/bucket.v1 (ResourceFunction bucket.v1) bucket.koreo:30
  ok      created
  skip    off
  FAIL    <port> bucket.koreo:41
          spec.port: missing
          spec["a.b"][1]: unexpected
          expected: Ok(data={})
          actual:   Ok(data=1)
  not run later

platform/gone gone.koreo:1
  ValueFunction (gone) not found or not ready, FunctionTest 'gone' must wait. Not found
  not run Test Case 1

1 passed, 1 failed, 1 skipped, 2 not run
`,
  );
});

Deno.test("the pretty report has colours only when asked", () => {
  ok(!REPORTERS.pretty(REPORT).includes("\u001b"));
  const painted = REPORTERS.pretty(REPORT, { colors: true });
  ok(painted.includes("\u001b[31mFAIL   \u001b[0m <port>"), painted);
});

Deno.test("the dot report has one character per case, then the failures", () => {
  const [dots, failure, gone, counts] = REPORTERS.dot(REPORT).split("\n\n");
  equal(dots, ".sF--");
  match(failure ?? "", /^platform\/bucket\.v1 .*\n {2}FAIL {4}<port>/);
  match(gone ?? "", /must wait/);
  equal(counts, "1 passed, 1 failed, 1 skipped, 2 not run\n");
});

Deno.test("the TAP report plans its points and says where a failure stands", () => {
  equal(
    REPORTERS.tap(REPORT),
    `TAP version 14
1..6
ok 1 - platform/bucket.v1 > created
ok 2 - platform/bucket.v1 > off # SKIP user skipped
not ok 3 - platform/bucket.v1 > <port>
  ---
  at: "bucket.koreo:41"
  details:
    - "spec.port: missing"
    - "spec[\\"a.b\\"][1]: unexpected"
    - "expected: Ok(data={})"
    - "actual:   Ok(data=1)"
  ...
ok 4 - platform/bucket.v1 > later # SKIP not run
not ok 5 - platform/gone
  ---
  at: "gone.koreo:1"
  details:
    - "ValueFunction (gone) not found or not ready, FunctionTest 'gone' must wait. Not found"
  ...
ok 6 - platform/gone > Test Case 1 # SKIP not run
`,
  );
});

Deno.test("the JUnit report escapes what XML cannot hold", () => {
  const xml = REPORTERS.junit(REPORT);
  match(xml, /<testsuites name="koreo" tests="6" failures="1" errors="1" skipped="3">/);
  match(xml, /<testcase name="&lt;port&gt;" classname="platform\/bucket.v1" .* line="41">/);
  match(xml, /<failure message="spec.port: missing" type="AssertionError">bucket.koreo:41&#10;/);
  match(xml, /<error message="ValueFunction \(gone\)/);
});

Deno.test("the JSON report is one document of the contract's shape", () => {
  const document = JSON.parse(REPORTERS.json(REPORT));
  deepEqual(Object.keys(document), [
    "passed",
    "failed",
    "skipped",
    "notRun",
    "diagnostics",
    "tests",
  ]);
  deepEqual(document.diagnostics, [DIAGNOSTIC]);
  deepEqual(document.tests[0].cases[2], {
    label: "<port>",
    result: "fail",
    file: "bucket.koreo",
    line: 41,
    differences: { spec: { port: "missing", "a.b": [null, "unexpected"] } },
    expected: "Ok(data={})",
    actual: "Ok(data=1)",
  });
});
