// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { runGateTests } from "../../src/testing/mod.ts";
import { programOf } from "./run_text.ts";

const TEXT = `
apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: f}
spec: {return: {v: 1}}
---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: good}
spec:
  functionRef: {kind: ValueFunction, name: f}
  testCases: [{expectReturn: {v: 1}}]
---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: bad}
spec:
  functionRef: {kind: ValueFunction, name: f}
  testCases:
  - label: other
    expectReturn: {v: 2}
---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: waiting}
spec:
  functionRef: {kind: ValueFunction, name: gone}
  testCases: [{expectReturn: {v: 1}}]
`;

Deno.test("the gate is told per test whether it passed, and of a failed one the case and place", async () => {
  const program = programOf(TEXT);
  const tests = program.definitions.filter((definition) => definition.type === "FunctionTest");
  const { signal } = new AbortController();
  deepEqual(await runGateTests(program, tests, { signal }), [
    { namespace: "default", name: "good", passed: true },
    {
      namespace: "default",
      name: "bad",
      passed: false,
      reason: "v: expected '`2`' but found '`1`'",
      file: "test.koreo",
      line: 20,
      case: "other",
    },
    {
      namespace: "default",
      name: "waiting",
      passed: false,
      reason:
        "ValueFunction (gone) not found or not ready, FunctionTest 'waiting' must wait. Not found",
      file: "test.koreo",
      line: 23,
    },
  ]);
});
