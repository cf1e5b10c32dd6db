// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { createTestJudges } from "../../../src/controller/gate/gate_tests.ts";
import type { TestVerdict } from "../../../src/controller/gate/gate_faults.ts";
import { compileProgram, readDocuments } from "../../../src/language/mod.ts";
import { functionTest, valueFunction } from "../definitions.ts";

const { signal } = new AbortController();

function programOf(layout: string) {
  const text = `${layout}${valueFunction("f", 1)}---\n${functionTest("t", "f", 1)}`;
  return compileProgram(readDocuments({ path: "f.k.yaml", text }), { defaultNamespace: "default" });
}

/** Judges of two channels whose tests end as they are told to. */
function twoJudges(verdict: Pick<TestVerdict, "passed" | "isTooSlow">) {
  const run: string[] = [];
  const judges = createTestJudges((_program, tests) => {
    run.push(...tests.map(({ id }) => id.name));
    return Promise.resolve(
      tests.map(({ id: { namespace, name }, source: { line } }) => (
        { namespace, name, line, ...verdict }
      )),
    );
  });
  return { run, stable: judges.add().judge, beta: judges.add().judge };
}

Deno.test("A test that passed is run again in no channel, as long as nothing of it changes", async () => {
  const { run, stable, beta } = twoJudges({ passed: true });
  for (const judge of [stable, beta, stable]) await judge(programOf(""), { signal });
  deepEqual(run, ["t"]);
});

Deno.test("A test that failed is run again in each channel: what it says moves with the text", async () => {
  const { run, stable, beta } = twoJudges({ passed: false });
  for (const judge of [stable, beta, stable]) await judge(programOf(""), { signal });
  deepEqual(run, ["t", "t", "t"]);
});

Deno.test("A test that takes too long is run once for all channels, and once more at another revision", async () => {
  const { run, stable, beta } = twoJudges({ passed: false, isTooSlow: true });
  await stable(programOf(""), { signal });
  const [told] = await beta(programOf("# moved\n"), { signal });
  deepEqual(run, ["t"]);
  deepEqual([told?.passed, told?.line], [false, 10]);
  await stable(programOf(""), { signal });
  await beta(programOf(""), { signal });
  deepEqual(run, ["t", "t"]);
});

Deno.test("A test that takes too long is not run again on the way back through history", async () => {
  const { run, stable } = twoJudges({ passed: false, isTooSlow: true });
  await stable(programOf(""), { signal });
  for (let step = 0; step < 3; step++) {
    await stable(programOf("# older\n"), { signal, isBelow: true });
  }
  deepEqual(run, ["t"]);
  await stable(programOf(""), { signal });
  deepEqual(run, ["t", "t"]);
});
