// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import process from "node:process";
import {
  compileInSlices,
  compileProgram,
  drain,
  readDocuments,
  readInSlices,
  type Slices,
} from "../../src/language/mod.ts";
import { orderByNeeds } from "../../src/language/dependency_order.ts";

/** How often work lets others have their turn, and what it comes to. */
function countYields<T>(slices: Slices<T>): { readonly yields: number; readonly made: T } {
  for (let yields = 0;; yields++) {
    const step = slices.next();
    if (step.done) return { yields, made: step.value };
  }
}

const HEAD = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: large}
spec:
`;

/** Documents with thousands of parts, by what is large in them. */
const LARGE: Readonly<Record<string, string>> = {
  "a map of locals": `${HEAD}  return: {a: =locals.l0}\n  locals:\n${
    lines(5_000, (index) => `    l${index}: =inputs.a${index}`)
  }`,
  "a list": `${HEAD}  return:\n    all:\n${lines(5_000, (index) => `    - ${index}`)}`,
  "a map in one line": `${HEAD}  return: {${
    lines(5_000, (index) => `r${index}: =inputs.b${index},`).replaceAll("\n", " ")
  }}`,
  "maps in maps": `${HEAD}  return:\n${
    lines(1_500, (index) => `    r${index}: {a: {b: [=inputs.c${index}, {d: 1}]}}`)
  }`,
};

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("\n");
}

for (const [name, text] of Object.entries(LARGE)) {
  Deno.test(`a document with ${name} is read in slices, to what reading it at once gives`, () => {
    const file = { path: "large.k.yaml", text };
    const { yields, made } = countYields(readInSlices(file));
    equal(yields > 15, true, `${yields} slices`);
    deepEqual(made.map(({ root }) => root), readDocuments(file).map(({ root }) => root));
  });
}

Deno.test("others have their environment while a document is being read", () => {
  const { env } = process;
  const reading = readInSlices({ path: "large.k.yaml", text: LARGE["a list"] ?? "" });
  while (!reading.next().done) equal(process.env, env);
  equal(process.env, env);
  equal(drain(readInSlices({ path: "a.k.yaml", text: `${HEAD}  return: {a: 1}` })).length, 1);
});

const RESOURCE = `apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: large}
spec:
  apiConfig: {apiVersion: v1, kind: ConfigMap, name: =inputs.name, namespace: team}
`;

const WORKFLOW = `apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: large}
spec:
  crdRef: {apiGroup: example.com, version: v1, kind: Large}
  steps:
`;

/** Documents that take long to compile, by what is large in them. */
const SLOW: Readonly<Record<string, string>> = {
  ...LARGE,
  "locals that need each other": `${HEAD}  return: {a: =locals.l0}\n  locals:\n    l0: =inputs.a\n${
    lines(4_000, (index) => `    l${index + 1}: =locals.l${index} + 1`)
  }`,
  "locals that nothing has": `${HEAD}  locals: {a: 1}\n  return:\n${
    lines(500, (index) => `    r${index}: =locals.missing${index}`)
  }`,
  "fields that nothing knows": `${HEAD}  return: {a: 1}\n${
    lines(4_000, (index) => `  x${index}: 1`)
  }`,
  "a resource": `${RESOURCE}  resource:\n    data:\n${
    lines(4_000, (index) => `      k${index}: =inputs.a${index}`)
  }`,
  "overlays": `${RESOURCE}  resource: {data: {a: b}}\n  overlays:\n${
    lines(2_000, (index) => `  - overlay: {data: {k${index}: =inputs.a}}`)
  }`,
  "steps with many inputs": `${WORKFLOW}${
    lines(80, (step) =>
      `  - label: step${step}\n    ref: {kind: ValueFunction, name: f}\n    inputs: {${
        lines(50, (index) =>
          `i${index}: =parent.spec.a${index} + ${step},`).replaceAll("\n", " ")
      }}`)
  }`,
};

for (const [name, text] of Object.entries(SLOW)) {
  Deno.test(`a document with ${name} is compiled in slices, to what compiling it at once gives`, () => {
    const documents = readDocuments({ path: "large.k.yaml", text });
    const { yields, made } = countYields(compileInSlices(documents));
    equal(yields > 20, true, `${yields} slices`);
    const atOnce = compileProgram(documents);
    deepEqual(made.definitions.map(({ type }) => type), atOnce.definitions.map(({ type }) => type));
    deepEqual(made.digest, atOnce.digest);
    deepEqual(made.diagnostics, atOnce.diagnostics);
  });
}

Deno.test("the more of a document there is, the more slices it is compiled in", () => {
  const yieldsOf = (count: number): number => {
    const text = `${HEAD}  return: {a: =locals.l0}\n  locals:\n${
      lines(count, (index) => `    l${index}: =inputs.a${index}`)
    }`;
    return countYields(compileInSlices(readDocuments({ path: "l.k.yaml", text }))).yields;
  };
  equal(yieldsOf(8_000) > 1.8 * yieldsOf(4_000), true);
});

Deno.test("VF-10 locals without needs keep the order in which they are listed, however many", () => {
  const count = 50_000;
  const free = Array.from({ length: count }, (_, index) => ({ name: `l${index}`, needs: [] }));
  deepEqual(orderByNeeds(free).order, [...free.keys()]);
  const last = `l${count - 1}`;
  const others = free.slice(0, -1).map(({ name }) => ({ name, needs: [last] }));
  const { order } = orderByNeeds([...others, { name: last, needs: [] }]);
  deepEqual(order, [count - 1, ...others.keys()]);
});
