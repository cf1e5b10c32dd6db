// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { createGateTests, type GateTestLimits, gateVerdict } from "../../src/testing/mod.ts";
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
  const runTests = createGateTests({ clock: { now: () => 0 }, yieldNow: () => Promise.resolve() });
  deepEqual(await runTests(program, tests, { signal }), [
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

const TIMED = (name: string, cases: number) =>
  `---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: ${name}}
spec:
  functionRef: {kind: ValueFunction, name: f}
  testCases:
${"  - {variant: true, expectReturn: {v: 1}}\n".repeat(cases)}`;

/** Runs tests of so many cases by a clock that moves whenever somebody looks at it. */
async function runTimed(
  cases: Readonly<Record<string, number>>,
  { limits, signal = new AbortController().signal, onYield = () => {} }: {
    readonly limits?: Partial<GateTestLimits>;
    readonly signal?: AbortSignal;
    readonly onYield?: () => void;
  },
) {
  const text = Object.entries(cases).map(([name, count]) => TIMED(name, count)).join("");
  const program = programOf(`${TEXT.slice(0, TEXT.indexOf("---"))}${text}`);
  const tests = program.definitions.filter((definition) => definition.type === "FunctionTest");
  let now = 0;
  const runTests = createGateTests({
    clock: { now: () => now += 30 },
    yieldNow: () => Promise.resolve(onYield()),
    ...limits === undefined ? {} : { limits },
  });
  const verdicts = await runTests(program, tests, { signal });
  return verdicts.map(({ name, passed, isTooSlow, reason, line }) => (
    passed ? name : `${name} ${isTooSlow === true ? "slow" : "fails"} at ${line}: ${reason}`
  ));
}

Deno.test("the gate is told no more of a failure than a condition can hold", () => {
  const head = { namespace: "n", name: "t", functionRef: { kind: "Workflow", name: "w" } } as const;
  const report = {
    ...head,
    file: "f",
    line: 1,
    pass: false,
    message: "no ".repeat(9_999),
    cases: [],
  };
  const { reason = "" } = gateVerdict(report);
  deepEqual([reason.length, reason.endsWith("no …")], [1_000, true]);
});

Deno.test("the gate gives up a test that takes too long, and runs the others", async () => {
  const found = await runTimed({ quick: 1, endless: 200, last: 1 }, {});
  deepEqual(found, [
    "quick",
    'endless slow at 15: FunctionTest "endless" was given up: it takes longer than 10 s',
    "last",
  ]);
});

Deno.test("the gate begins no test after all of them together took too long", async () => {
  const why = "the tests of the revision together take longer than 0.5 s";
  const found = await runTimed({ first: 1, second: 50, third: 1 }, { limits: { maxAllMs: 500 } });
  deepEqual(found.map((one) => one.replace(/ at \d+/, "")), [
    "first",
    `second slow: FunctionTest "second" was given up: ${why}`,
    `third slow: FunctionTest "third" was given up: ${why}`,
  ]);
});

Deno.test("the gate ends with the reason of an abort in the middle of a test", async () => {
  const ending = new AbortController();
  const run = runTimed({ one: 5 }, { signal: ending.signal, onYield: () => ending.abort("over") });
  deepEqual(await run.catch((reason) => reason), "over");
});
