// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { koreo, koreoProcess, temporaryFiles } from "./run_koreo.ts";
import { documentOf } from "./schemas.ts";

const DOUBLE = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: double}
spec:
  return: {size: =inputs.size * 2}
`;

const PASSING = `apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: double}
spec:
  functionRef: {kind: ValueFunction, name: double}
  inputs: {size: 2}
  testCases:
  - label: two
    expectReturn: {size: 4}
  - label: later
    skip: true
    expectReturn: {size: 5}
`;

const FAILING = `apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: wrong, namespace: team-a}
spec:
  functionRef: {kind: ValueFunction, name: double}
  inputs: {size: 4503599627370497}
  testCases:
  - label: too small
    expectReturn: {size: 4}
  - label: after it
    expectReturn: {size: 5}
`;

const BROKEN = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: broken}
spec:
  return: {size: =inputs.size +}
---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: broken}
spec:
  functionRef: {kind: ValueFunction, name: broken}
  testCases:
  - label: a case
    expectReturn: {size: 1}
`;

const FILES = { "double.k.yaml": DOUBLE, "double.test.k.yaml": PASSING };

Deno.test("koreo test shows every case and is content when none fails", async () => {
  await using files = await temporaryFiles(FILES);
  deepEqual(await koreo(["test", files.directory]), {
    code: 0,
    stdout: `default/double (ValueFunction double) ${files.directory}/double.test.k.yaml:1
  ok      two
  skip    later

1 passed, 0 failed, 1 skipped, 0 not run
`,
    stderr: "",
  });
});

Deno.test("koreo test shows what differs in a failing case, and where it stands", async () => {
  await using files = await temporaryFiles({ ...FILES, "wrong.k.yaml": FAILING });
  const { code, stdout, stderr } = await koreo(["test", files.directory, "--filter", "team-a/"]);
  const place = `${files.directory}/wrong.k.yaml`;
  equal(
    stdout,
    `team-a/wrong (ValueFunction double) ${place}:1
  FAIL    too small ${place}:8
          size: expected '\`4\`' but found '\`9007199254740994\`'
          expected: Ok(data={"size": 4})
          actual:   Ok(data={"size": 9007199254740994})
  not run after it

0 passed, 1 failed, 0 skipped, 1 not run
`,
  );
  deepEqual([code, stderr], [1, ""]);
});

Deno.test("koreo test -o json prints every test with its cases", async () => {
  await using files = await temporaryFiles({
    ...FILES,
    "wrong.k.yaml": FAILING,
    "broken.k.yaml": BROKEN,
  });
  const { code, stdout, stderr } = await koreo(["test", files.directory, "-o", "json"]);
  deepEqual([code, stderr], [1, ""]);
  const { tests, diagnostics, ...counts } = await documentOf("test", stdout);
  deepEqual(counts, { passed: 1, failed: 1, skipped: 1, notRun: 2 });
  deepEqual(diagnostics.map(({ code }: { code: string }) => code), [
    "expression-syntax",
    "broken-reference",
  ]);
  const [broken, double, wrong] = tests;
  const { cases, message, ...test } = broken;
  deepEqual(test, {
    name: "broken",
    namespace: "default",
    functionRef: { kind: "ValueFunction", name: "broken" },
    file: `${files.directory}/broken.k.yaml`,
    line: 7,
    pass: false,
  });
  match(message, /broken\.k\.yaml:5:32 error expression-syntax/);
  const file = `${files.directory}/broken.k.yaml`;
  deepEqual(cases, [{ label: "a case", file, line: 13, result: "notRun" }]);
  deepEqual(double.cases.map(({ result }: { result: string }) => result), ["pass", "skipped"]);
  deepEqual([double.pass, wrong.pass], [true, false]);
  deepEqual(wrong.cases[0].differences, {
    size: "expected '`4`' but found '`9007199254740994`'",
  });
});

Deno.test("koreo test shows on standard error what keeps definitions from being tested", async () => {
  await using files = await temporaryFiles({ "broken.k.yaml": BROKEN });
  const { code, stdout, stderr } = await koreo(["test", files.directory]);
  equal(code, 1);
  match(stdout, /not run a case/);
  match(stderr, /broken\.k\.yaml:5:32 error expression-syntax\nCannot read the end/);
});

const REPORTERS = [
  ["pretty", /^ {2}ok {6}two$/m],
  ["dot", /^\.s$/m],
  ["tap", /^TAP version 14\n1\.\.2\nok 1 - default\/double > two\nok 2 .* # SKIP user skipped$/m],
  ["junit", /^<\?xml .*\n<testsuites name="koreo" tests="2" failures="0" errors="0" skipped="1">/],
  ["json", /^\{\n {2}"passed": 1,/],
] as const;

for (const [reporter, expected] of REPORTERS) {
  Deno.test(`koreo test --reporter ${reporter} reports as it says`, async () => {
    await using files = await temporaryFiles(FILES);
    const { code, stdout, stderr } = await koreo([
      "test",
      files.directory,
      "--reporter",
      reporter,
    ]);
    deepEqual([code, stderr], [0, ""]);
    match(stdout, expected);
  });
}

Deno.test("koreo test without any test is a finding, unless --allow-none", async () => {
  await using files = await temporaryFiles({ "double.k.yaml": DOUBLE });
  const none = { stdout: "0 passed, 0 failed, 0 skipped, 0 not run\n" };
  const stderr = "There is no FunctionTest\n";
  deepEqual(await koreo(["test", files.directory]), { ...none, stderr, code: 1 });
  const allowed = await koreo(["test", files.directory, "--allow-none"]);
  deepEqual(allowed, { ...none, stderr, code: 0 });
});

Deno.test("koreo test says when a filter leaves no test, and when it is no pattern", async () => {
  await using files = await temporaryFiles(FILES);
  const missed = await koreo(["test", files.directory, "--filter", "triple"]);
  deepEqual([missed.code, missed.stderr], [1, 'No FunctionTest of 1 is called like "triple"\n']);
  const broken = await koreo(["test", files.directory, "--filter", "/(/"]);
  deepEqual([broken.code, broken.stdout], [2, ""]);
  match(broken.stderr, /^error: Invalid regular expression: \/\(\/: /);
  const pattern = await koreo(["test", files.directory, "--filter", "/^default/DOU/i"]);
  equal(pattern.code, 0);
});

Deno.test("DG unreadable-file koreo test names a path that is not there", async () => {
  const { code, stderr } = await koreo(["test", "no-such-directory"]);
  equal(code, 1);
  match(
    stderr,
    /^no-such-directory:1:1 error unreadable-file\nCannot read the file: there is no such/,
  );
});

Deno.test("koreo test does not mind that nobody reads its output any more", async () => {
  await using files = await temporaryFiles(FILES);
  const child = koreoProcess(["test", files.directory]).spawn();
  await child.stdout.cancel();
  equal(await new Response(child.stderr).text(), "");
  equal((await child.status).code, 0);
});
