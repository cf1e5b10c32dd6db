// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import {
  compileInSlices,
  compileProgram,
  diagnosticsInSlices,
  drain,
  readDocuments,
  type Slices,
} from "../../src/language/mod.ts";
import { definition } from "./definitions.ts";

const COUNT = 20;

const documents = Array.from({ length: COUNT }, (_, index) => [
  definition("ValueFunction", `fn-${index}.v1`, `return: {a: =inputs.a, n: =${index}}`),
  definition(
    "Workflow",
    `flow-${index}.v1`,
    `steps:\n- {label: one, ref: {kind: ValueFunction, name: fn-${index + 1}.v1}}`,
  ),
]).flat().flatMap((text, index) => readDocuments({ path: `${index}.k.yaml`, text }));

/** How many slices some work has, and what it gives. */
function counted<T>(slices: Slices<T>): { readonly count: number; readonly value: T } {
  for (let count = 1;; count++) {
    const { done, value } = slices.next();
    if (done) return { count, value };
  }
}

Deno.test("compileInSlices() stops after each document and each Workflow that it links", () => {
  const { count, value } = counted(compileInSlices(documents));
  ok(count > documents.length + COUNT, `${count} slices`);
  equal(value.digest, compileProgram(documents).digest);
});

Deno.test("compileInSlices() with a previous Program stops as often, and takes over what it has", () => {
  const previous = compileProgram(documents);
  const { count, value } = counted(compileInSlices(documents, { previous }));
  ok(count > documents.length, `${count} slices`);
  ok(value.definitions.every((definition, index) => definition === previous.definitions[index]));
});

Deno.test("compileInSlices() does nothing before it is asked for the first slice", () => {
  const slices = compileInSlices(documents);
  slices.return(compileProgram([]));
  deepEqual(slices.next(), { done: true, value: undefined });
});

Deno.test("diagnosticsInSlices() stops after each document and finds what the Program tells", () => {
  const { count, value } = counted(diagnosticsInSlices(compileProgram(documents)));
  ok(count > documents.length, `${count} slices`);
  deepEqual(value, compileProgram(documents).diagnostics);
  ok(value.some(({ code }) => code === "unknown-reference"));
});

Deno.test("diagnosticsInSlices() gives what was found before at once", () => {
  const program = compileProgram(documents);
  const { diagnostics } = program;
  deepEqual(counted(diagnosticsInSlices(program)), { count: 1, value: diagnostics });
  equal(drain(diagnosticsInSlices(program)), diagnostics);
});
