// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { koreo, temporaryFiles } from "./run_koreo.ts";
import { documentOf } from "./schemas.ts";

const FILES = {
  "size.k.yaml": `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: size}
spec:
  return:
    size: '=inputs.large ? 8 : 2'
---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: size}
spec:
  functionRef: {kind: ValueFunction, name: size}
  inputs: {large: true}
  testCases:
  - label: large
    expectReturn: {size: 8}
`,
};

Deno.test("koreo test --coverage shows below the report what no test reached", async () => {
  await using files = await temporaryFiles(FILES);
  const file = `${files.directory}/size.k.yaml`;
  deepEqual(await koreo(["test", files.directory, "--coverage"]), {
    code: 0,
    stdout: `default/size (ValueFunction size) ${file}:8
  ok      large

1 passed, 0 failed, 0 skipped, 0 not run

coverage                    expressions  branches  steps  actions      all
ValueFunction default/size          1/1       1/2      -        -   66.6 %
  ${file}:6:13 spec.return.size never false: inputs.large
all                                 1/1       1/2      -        -   66.6 %
`,
    stderr: "",
  });
});

Deno.test("koreo test --coverage -o json has every point of every definition", async () => {
  await using files = await temporaryFiles(FILES);
  const { code, stdout } = await koreo(["test", files.directory, "--coverage", "-o", "json"]);
  equal(code, 0);
  const { coverage } = await documentOf("test", stdout);
  const counts = {
    percent: 66.6,
    covered: 2,
    total: 3,
    expressions: { covered: 1, total: 1 },
    branches: { covered: 1, total: 2 },
    steps: { covered: 0, total: 0 },
    actions: { covered: 0, total: 0 },
  };
  const place = { path: "spec.return.size", line: 6, column: 13 };
  deepEqual(coverage, {
    ...counts,
    definitions: [{
      kind: "ValueFunction",
      namespace: "default",
      name: "size",
      file: `${files.directory}/size.k.yaml`,
      line: 1,
      ...counts,
      points: [
        {
          type: "expression",
          ...place,
          text: "inputs.large ? 8 : 2",
          arms: [{ name: "evaluated", hits: 1 }],
        },
        {
          type: "condition",
          ...place,
          text: "inputs.large",
          arms: [{ name: "true", hits: 1 }, { name: "false", hits: 0 }],
        },
      ],
    }],
  });
});

Deno.test("koreo test --coverage-min fails on less, and not on as much", async () => {
  await using files = await temporaryFiles(FILES);
  const less = await koreo(["test", files.directory, "--coverage-min", "66.7"]);
  deepEqual([less.code, less.stderr], [1, "Coverage is 66.6 %, less than 66.7 %\n"]);
  equal((await koreo(["test", files.directory, "--coverage-min", "66.6"])).code, 0);
});

Deno.test("koreo test --coverage-file writes an lcov tracefile", async () => {
  await using files = await temporaryFiles(FILES);
  const tracefile = `${files.directory}/lcov.info`;
  equal((await koreo(["test", files.directory, "--coverage-file", tracefile])).code, 0);
  equal(
    await Deno.readTextFile(tracefile),
    `TN:
SF:${files.directory}/size.k.yaml
FN:1,ValueFunction default/size
FNDA:1,ValueFunction default/size
FNF:1
FNH:1
BRDA:6,0,0,1
BRDA:6,0,1,0
BRF:2
BRH:1
DA:6,1
LF:1
LH:1
end_of_record
`,
  );
});

Deno.test("koreo test --coverage leaves reports for programs alone", async () => {
  await using files = await temporaryFiles(FILES);
  const { stdout, stderr } = await koreo([
    "test",
    files.directory,
    "--coverage",
    "--reporter",
    "tap",
  ]);
  equal(stdout, (await koreo(["test", files.directory, "--reporter", "tap"])).stdout);
  match(stderr, /^coverage .*\n.*66\.6 %/);
});

const REFUSED = [
  {
    given: "no number",
    args: ["--coverage-min", "most"],
    reason: /expected percent from 0 to 100/,
  },
  { given: "too much", args: ["--coverage-min", "101"], reason: /expected percent from 0 to 100/ },
  { given: "no place", args: ["--coverage-file", "/no/such/place"], reason: /Cannot write/ },
];

for (const { given, args, reason } of REFUSED) {
  Deno.test(`koreo test --coverage with ${given} is wrong usage`, async () => {
    await using files = await temporaryFiles(FILES);
    const { code, stderr } = await koreo(["test", files.directory, ...args]);
    equal(code, 2);
    match(stderr, reason);
  });
}
