// SPDX-License-Identifier: Apache-2.0

/** The definitions of a large team: files that use each other, with tests, on many branches. */
export interface TeamSize {
  readonly files: number;
  readonly branches: number;
}

/** A push, as fast-import takes it. */
export interface Push {
  readonly branch: string;
  readonly files: Readonly<Record<string, string>>;
}

const FUNCTIONS_OF_WORKFLOW = 8;
/** Trigger kinds; that the cluster serves none of them costs little. */
const KINDS = 5;
/** A Workflow, its Functions, and a test for each of these. */
const FILES_OF_GROUP = 1 + 2 * FUNCTIONS_OF_WORKFLOW;

/** Names of the branches: `main`, and overlays `preview/…`. */
export function branchesOf({ branches }: TeamSize): readonly string[] {
  return ["main", ...Array.from({ length: branches - 1 }, (_, index) => `preview/change-${index}`)];
}

/** All files as they are at first. */
export function firstFiles({ files }: TeamSize): Readonly<Record<string, string>> {
  const made: Record<string, string> = {};
  for (let group = 0; (group + 1) * FILES_OF_GROUP <= files; group++) {
    made[`koreo/workflow-${group}.k.yaml`] = workflow(group);
    for (let index = 0; index < FUNCTIONS_OF_WORKFLOW; index++) {
      Object.assign(made, changedFunction(group, index, 1));
    }
  }
  return made;
}

/** A function with another value, and its test. */
export function changedFunction(
  group: number,
  index: number,
  value: number,
): Readonly<Record<string, string>> {
  const name = `size-${group}-${index}`;
  return {
    [`koreo/${name}.k.yaml`]: valueFunction(name, value),
    [`koreo/${name}.test.k.yaml`]: functionTest(name, value),
  };
}

/** How many Workflows there are whole. */
export function groupsOf({ files }: TeamSize): number {
  return Math.floor(files / FILES_OF_GROUP);
}

function workflow(group: number): string {
  const steps = Array.from({ length: FUNCTIONS_OF_WORKFLOW }, (_, index) =>
    `  - label: size${index}
    ref: {kind: ValueFunction, name: size-${group}-${index}}
    inputs:
      base: =parent.spec.base
      labels: {app: =parent.metadata.name, part: "${index}"}
    state: {size${index}: =value.size}
`);
  return `apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: sizes-${group}}
spec:
  crdRef: {apiGroup: example.com, version: v1, kind: Sizes${group % KINDS}}
  steps:
${steps.join("")}`;
}

function valueFunction(name: string, value: number): string {
  return `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: ${name}}
spec:
  preconditions:
  - assert: =inputs.base >= 0
    permFail:
      message: ="base must not be negative but is " + string(inputs.base)
  locals:
    doubled: =inputs.base * 2
    labels: =inputs.labels.map(key, key + "=" + inputs.labels[key])
  return:
    size: =locals.doubled + ${value}
    labels: =locals.labels
    annotations:
      example.com/size: =string(locals.doubled + ${value})
`;
}

function functionTest(name: string, value: number): string {
  return `apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: ${name}}
spec:
  functionRef: {kind: ValueFunction, name: ${name}}
  inputs: {base: 3, labels: {app: web}}
  testCases:
  - label: doubles and adds
    expectReturn:
      size: ${6 + value}
      labels: ["app=web"]
      annotations: {example.com/size: "${6 + value}"}
  - variant: true
    label: refuses what is negative
    inputOverrides: {base: -1}
    expectOutcome: {permFail: {message: must not be negative}}
`;
}
