// SPDX-License-Identifier: Apache-2.0

/** Texts of small definitions, for tests of what follows a repository. */

/** A ValueFunction that returns a number; `"=("` makes it broken. */
export function valueFunction(name: string, value: number | "=("): string {
  return `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata:
  name: ${name}
spec:
  return:
    value: ${JSON.stringify(value)}
`;
}

/** A Workflow that runs one ValueFunction for a trigger kind. */
export function workflow(name: string, functionName: string, kind: string): string {
  return workflowOf(name, kind, { only: functionName });
}

/** A Workflow for a trigger kind, by label of the step the ValueFunction that it runs. */
export function workflowOf(
  name: string,
  kind: string,
  steps: Readonly<Record<string, string>>,
): string {
  const texts = Object.entries(steps).map(([label, functionName]) =>
    `  - label: ${label}
    ref:
      kind: ValueFunction
      name: ${functionName}
`
  );
  return `apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata:
  name: ${name}
spec:
  crdRef:
    apiGroup: example.com
    version: v1
    kind: ${kind}
  steps:
${texts.join("")}`;
}

/** A FunctionTest that expects the number of a ValueFunction. */
export function functionTest(name: string, functionName: string, value: number): string {
  return `apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata:
  name: ${name}
spec:
  functionRef:
    kind: ValueFunction
    name: ${functionName}
  testCases:
  - label: gives its number
    expectReturn:
      value: ${value}
`;
}
