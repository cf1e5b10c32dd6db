// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { droppableTree } from "../../../src/controller/channels/droppable_tree.ts";
import {
  compileProgram,
  documentText,
  documentValue,
  readDocuments,
  type SourceDocument,
} from "../../../src/language/mod.ts";

const TEXT = `# The first
apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: a}
spec:
  return: {x: =1}
---
# The second
apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: b}
spec:
  return: {x: =nothing.here}
`;
const read = () => readDocuments({ path: "f.k.yaml", text: TEXT });

Deno.test("A document whose tree was dropped is the same document", () => {
  const trees = read().map(droppableTree);
  for (const tree of trees) tree.drop();
  deepEqual(
    trees.map(({ document }) => documentValue(document)),
    read().map((document) => documentValue(document)),
  );
  const facts = ({ root: _, source: __, ...rest }: SourceDocument) => rest;
  deepEqual(trees.map(({ document }) => facts(document)), read().map(facts));
  deepEqual(trees.map(({ document }) => documentText(document)), read().map(documentText));
});

Deno.test("A document whose tree was dropped compiles to the same, places included", () => {
  const trees = read().map(droppableTree);
  for (const tree of trees) tree.drop();
  const whole = compileProgram(read());
  const again = compileProgram(trees.map(({ document }) => document));
  ok(whole.diagnostics.length > 0);
  deepEqual(again.diagnostics, whole.diagnostics);
  equal(again.digest, whole.digest);
});

Deno.test("A tree is kept until it is dropped", () => {
  const [tree] = read().map(droppableTree);
  const before = tree?.document.root;
  equal(tree?.document.root, before);
  tree?.drop();
  notEqual(tree?.document.root, before);
});
