// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, notEqual } from "node:assert/strict";
import {
  compileProgram,
  documentContent,
  documentIdentity,
  readDocuments,
  type SourceDocument,
} from "../../src/language/mod.ts";

const SPEC = "spec: {return: {value: 1}}";

const DOCUMENTS: Readonly<Record<string, string>> = {
  "a name alone":
    `apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\nmetadata: {name: f}\n${SPEC}`,
  "a namespace":
    `apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\nmetadata: {name: f, namespace: n}\n${SPEC}`,
  "a namespace that is none":
    `apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\nmetadata: {name: f, namespace: 5}\n${SPEC}`,
  "an empty namespace":
    `apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\nmetadata: {name: f, namespace: ""}\n${SPEC}`,
  "no name": `apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\nmetadata: {}\n${SPEC}`,
  "an empty name":
    `apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\nmetadata: {name: ""}\n${SPEC}`,
  "no metadata": `apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\n${SPEC}`,
  "another kind": `apiVersion: koreo.dev/v1beta1\nkind: Function\nmetadata: {name: f}\n${SPEC}`,
  "another version": `apiVersion: koreo.dev/v1\nkind: ValueFunction\nmetadata: {name: f}\n${SPEC}`,
  "no spec": "apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\nmetadata: {name: f}",
  "broken YAML":
    `apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\nmetadata: {name: f}\nspec: {return: [}`,
  "a list": "- 1",
  "no YAML": "a: [",
};

for (const [what, text] of Object.entries(DOCUMENTS)) {
  Deno.test(`documentIdentity() agrees with compiling: ${what}`, () => {
    const document = read(text);
    const program = compileProgram([document], { defaultNamespace: "platform" });
    deepEqual(documentIdentity(document, "platform"), program.definitions[0]?.id);
  });
}

const ONE = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: f}
spec: {return: {value: 1}}
`;

Deno.test("documentContent() is the parsed document: comments, layout and file do not count", () => {
  const other = ONE.replace("metadata: {name: f}", "metadata:\n  # its name\n  name: f");
  equal(documentContent(read(ONE)), documentContent(read(`# first\n---\n${other}`, "other.yaml")));
  notEqual(documentContent(read(ONE)), documentContent(read(ONE.replace("value: 1", "value: 2"))));
});

Deno.test("documentContent() tells a text that can be read from one that cannot", () => {
  const broken = ONE.replace("{value: 1}", "{value: 1, value: 1}");
  notEqual(documentContent(read(ONE)), documentContent(read(broken)));
});

function read(text: string, path = "a.yaml"): SourceDocument {
  const document = readDocuments({ path, text })[0];
  if (document === undefined) throw new TypeError("Cannot find a document in the text");
  return document;
}
