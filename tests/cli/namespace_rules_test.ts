// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { type CommandEnd, koreo, temporaryFiles } from "./run_koreo.ts";

const valueFunction = (namespace: string, size: number) =>
  `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: size.v1, namespace: ${namespace}}
spec: {return: {size: ${size}}}
`;

/** One name in two namespaces; by SD-17 the one of "koreo" is found, which is the earlier name. */
const FILES = {
  "defs/koreo.k.yaml": valueFunction("koreo", 1),
  "defs/team.k.yaml": valueFunction("team-a", 2),
  "defs/size.k.yaml": `apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: size.v1, namespace: tests}
spec:
  functionRef: {kind: ValueFunction, name: size.v1}
  testCases: [{label: two, expectReturn: {size: 2}}]
`,
  "koreo.yaml": `sources: [{name: defs, url: .}]
channels:
- {name: plain, branch: main, namespace: koreo}
- {name: stable, branch: main, namespace: koreo, priority: [team-a, koreo]}
- {name: beta, branch: beta, over: stable}
- {name: preview, branch: preview/*, over: stable}
`,
};

/** Whether the test finds the definition of the team. */
function findsTeam({ code }: CommandEnd): boolean {
  return code === 0;
}

const CASES: readonly (readonly [name: string, args: readonly string[], finds: boolean])[] = [
  ["no priority: the namespaces by name", [], false],
  ["--namespaces", ["--namespaces", "tests, team-a,koreo"], true],
  ["--namespaces the other way round", ["--namespaces", "tests,koreo,team-a"], false],
  ["the default channel of --config", ["--config", "koreo.yaml"], false],
  ["a channel of --config", ["--config", "koreo.yaml", "--channel", "stable"], true],
  ["a channel that inherits", ["--config", "koreo.yaml", "--channel", "beta"], true],
  ["a pattern", ["--config", "koreo.yaml", "--channel", "preview"], true],
];

for (const [name, options, finds] of CASES) {
  Deno.test(`SD-17 koreo test searches namespaces as said by ${name}`, async () => {
    await using files = await temporaryFiles(FILES);
    const args = options.map((each) => each.replace("koreo.yaml", `${files.directory}/koreo.yaml`));
    deepEqual(findsTeam(await koreo(["test", `${files.directory}/defs`, ...args])), finds);
  });
}

Deno.test("koreo validate does not tell of hidden names where a priority says what wins", async () => {
  await using files = await temporaryFiles(FILES);
  const defs = `${files.directory}/defs`;
  const told = await koreo(["validate", defs]);
  deepEqual(told.stdout, "3 definitions in 3 files: 1 information\n");
  const { stdout } = await koreo(["validate", defs, "--namespaces", "team-a,koreo,tests"]);
  deepEqual(stdout, "3 definitions in 3 files: no fault\n");
});

const SLIPS: readonly (readonly [args: readonly string[], stderr: string])[] = [
  [
    ["--channel", "beta"],
    'error: Cannot use channel "beta" without a configuration: give --config FILE\n',
  ],
  [
    ["--config", "koreo.yaml", "--namespaces", "a"],
    "error: Cannot use --namespaces together with --config: the channel says it\n",
  ],
  [
    ["--config", "koreo.yaml", "--namespace", "a"],
    "error: Cannot use --namespace together with --config: the channel says it\n",
  ],
  [
    ["--config", "koreo.yaml", "--channel", "gamma"],
    'error: Cannot find channel "gamma": the channels are "plain", "stable", "beta", "preview"\n',
  ],
  [
    ["--namespaces", "a,,b"],
    'error: Cannot read "a,,b" for --namespaces: ' +
    'expected names with commas, such as "team-a,koreo"\n',
  ],
];

for (const [options, stderr] of SLIPS) {
  Deno.test(`koreo validate refuses ${options.join(" ")}`, async () => {
    await using files = await temporaryFiles(FILES);
    const args = options.map((each) => each.replace("koreo.yaml", `${files.directory}/koreo.yaml`));
    const end = await koreo(["validate", `${files.directory}/defs`, ...args]);
    deepEqual(end, { code: 2, stdout: "", stderr });
  });
}
