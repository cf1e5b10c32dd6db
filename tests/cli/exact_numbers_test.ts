// SPDX-License-Identifier: Apache-2.0

/** EX-20 at the command line: whole numbers of the files are whole in what is printed. */

import { deepEqual, equal, match } from "node:assert/strict";
import { koreo, temporaryFiles } from "./run_koreo.ts";

const FILES = {
  "big.k.yaml": `apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: big.v1}
spec:
  apiConfig: {apiVersion: example.com/v1, kind: Big, name: big, namespace: team-a, owned: false}
  resource:
    spec: {n: =inputs.n, literal: -9223372036854775808}
  return: {n: =resource.spec.n}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: big.v1}
spec:
  crdRef: {apiGroup: example.com, version: v1, kind: Trigger}
  steps:
  - label: big
    ref: {kind: ResourceFunction, name: big.v1}
    inputs: {n: =parent.spec.n}
    state: {n: =value.n, less: =value.n - 1}
---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: big.v1}
spec:
  functionRef: {kind: Workflow, name: big.v1}
  parent: &parent
    apiVersion: example.com/v1
    kind: Trigger
    metadata: {name: t, namespace: team-a}
    spec: {n: 9223372036854775807}
  testCases:
  - label: exact
    expectStable: true
    expectOutcome: {ok: {}}
    expectState: {n: 9223372036854775807, less: 9223372036854775806}
    expectResources:
    - apiVersion: example.com/v1
      kind: Big
      metadata: {name: big, namespace: team-a}
      spec: {n: 9223372036854775807, literal: -9223372036854775808}
  - label: one beside is another number
    expectState: {n: 9223372036854775807, less: 9223372036854775807}
`,
  "trigger.yaml": `apiVersion: example.com/v1
kind: Trigger
metadata: {name: t, namespace: team-a}
spec: {n: 9223372036854775807}
`,
  "inputs.yaml": "n: 9223372036854775807\n",
};

Deno.test("EX-20 koreo render -o json prints int64 of bodies, objects and state exactly", async () => {
  await using files = await temporaryFiles(FILES);
  const { directory } = files;
  const args = ["render", "big.v1", "--parent", `${directory}/trigger.yaml`, "--until-stable"];
  const json = await koreo([...args, "-o", "json", `${directory}/big.k.yaml`]);
  equal(json.code, 0, json.stderr);
  const body = json.stdout.slice(json.stdout.indexOf('"calls"'));
  match(body, /"n": 9223372036854775807,\s+"literal": -9223372036854775808\n/);
  match(json.stdout, /"state": \{\s+"n": 9223372036854775807,\s+"less": 9223372036854775806\s+\}/);
  const text = await koreo([...args, `${directory}/big.k.yaml`]);
  equal(text.code, 0, text.stderr);
  match(text.stdout, /9223372036854775806/);
});

Deno.test("EX-20 koreo test compares int64 exactly, and tells which differ", async () => {
  await using files = await temporaryFiles(FILES);
  const { code, stdout } = await koreo(["test", "-o", "json", `${files.directory}/big.k.yaml`]);
  equal(code, 1);
  const [{ cases }] = JSON.parse(stdout).tests;
  deepEqual(cases.map(({ result }: { readonly result: string }) => result), ["pass", "fail"]);
  match(stdout, /expected '`9223372036854775807`' but found '`9223372036854775806`'/);
});

Deno.test("EX-20 koreo eval reads and prints int64 exactly", async () => {
  await using files = await temporaryFiles(FILES);
  const inputs = ["--inputs", `${files.directory}/inputs.yaml`];
  for (
    const [expression, expected] of [["n - 1", /9223372036854775806/], [
      "uint(n)",
      /807\b/,
    ]] as const
  ) {
    const { code, stdout, stderr } = await koreo(["eval", expression, ...inputs, "-o", "json"]);
    equal(code, 0, stderr);
    match(stdout, expected);
  }
});
