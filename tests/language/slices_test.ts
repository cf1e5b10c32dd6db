// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import process from "node:process";
import { drain, readDocuments, readInSlices, type Slices } from "../../src/language/mod.ts";

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
  "a map of locals": `${HEAD}  locals:\n${
    lines(5_000, (index) => `    l${index}: =inputs.a${index}`)
  }`,
  "a list": `${HEAD}  return:\n    all:\n${lines(5_000, (index) => `    - ${index}`)}`,
  "a map in one line": `${HEAD}  return: {${
    lines(5_000, (index) => `r${index}: =inputs.b${index},`)
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
