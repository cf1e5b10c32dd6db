// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { layersIn } from "../../../src/controller/feed/definition_layer.ts";
import { createProgramShelf } from "../../../src/controller/publication/program_shelf.ts";
import { upperLayers } from "../../../src/controller/publication/program_layers.ts";
import { textOfProgram } from "../../../src/controller/publication/published_program.ts";
import { readDocuments } from "../../../src/language/mod.ts";
import { valueFunction } from "../definitions.ts";

const [TOP, MIDDLE, LOW] = ["top", "beta", "main"].map((branch, index) => ({
  branch,
  commit: String(index).repeat(40),
}));
const REVISION = [TOP, MIDDLE, LOW].map((layer) => `${layer?.branch}@sha1:${layer?.commit}`).join(
  "+",
);

function keyOf(name: string): string {
  return `ValueFunction/default/${name}`;
}

/** A Program as it is published, with what each definition is taken from. */
function published(heights: Readonly<Record<string, number>>) {
  const text = Object.keys(heights).map((name) => valueFunction(name, 1)).join("---\n");
  const upper = upperLayers(
    new Map(Object.entries(heights).map(([name, height]) => [keyOf(name), height])),
  );
  const documents = readDocuments({ path: "a.k.yaml", text });
  return textOfProgram(documents, { namespace: "default", ...upper });
}

Deno.test("which layer a definition is taken from goes with its Program, wherever it is compiled", () => {
  const { program, documents } = published({ low: 0, middle: 1, top: 2 });
  const shelf = createProgramShelf();
  // As it crosses threads, and as the record holds it.
  shelf.add(JSON.parse(JSON.stringify({ programs: [program], documents })));
  for (const _slice of shelf.compile([program.id]));
  const compiled = shelf.program(program.id);
  if (compiled === undefined) throw new TypeError("It was not compiled");
  const layerOf = layersIn({ program: compiled, revision: REVISION });
  const found = compiled.definitions.map(({ id }) => [id.name, layerOf(id)]);
  deepEqual(Object.fromEntries(found), { low: LOW, middle: MIDDLE, top: TOP });
});

Deno.test("channels that take everything from one branch have one Program in common", () => {
  const plain = published({ a: 0, b: 0 }).program;
  equal("upper" in plain, false);
  equal(published({ a: 0, b: 0 }).program.id, plain.id);
  // The same documents, but another one's: what runs is the same, where it comes from is not.
  equal(published({ a: 0, b: 1 }).program.id === plain.id, false);
  // A third branch that changes nothing is not noticed.
  deepEqual(upperLayers(new Map([["a", 0], ["b", 1]])), { upper: [["b"]] });
  deepEqual(upperLayers(new Map([["b", 2]])), { upper: [[], ["b"]] });
});

Deno.test("a definition has no layer where the revision has none for it", () => {
  const { program, documents } = published({ top: 2 });
  const shelf = createProgramShelf();
  shelf.add({ programs: [program], documents });
  for (const _slice of shelf.compile([program.id]));
  const compiled = shelf.program(program.id);
  if (compiled === undefined) throw new TypeError("It was not compiled");
  const revision = `main@sha1:${"0".repeat(40)}`;
  const [definition] = compiled.definitions;
  equal(definition && layersIn({ program: compiled, revision })(definition.id), undefined);
});
