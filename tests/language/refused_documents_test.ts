// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, notEqual } from "node:assert/strict";
import {
  compileProgram,
  documentFromJson,
  documentIdentity,
  type JsonValue,
  readDocuments,
} from "../../src/language/mod.ts";

const head = (namespace: string) =>
  `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata:
  # the first of two
  name: a.v1
  namespace: ${namespace}
`;

const large = (text: string) => `spec:\n  return: {a: '${text.repeat(1024 * 1024)}'}\n`;
const aliases = `spec:
  a: &a [x, x, x, x, x, x, x, x, x, x]
  b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
  c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
  d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
  e: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
`;
const deep = `spec:\n  return: {a: ${"[".repeat(200)}${"]".repeat(200)}}\n`;
const garbled = `spec:\n${"  {]: a\n".repeat(40)}`;

const REFUSED = [
  { name: "LM-2 is too large", code: "document-too-large", text: large("x") },
  { name: "LM-3 has too many nodes", code: "too-many-aliases", text: aliases },
  { name: "LM-4 is nested too deep", code: "nesting-too-deep", text: deep },
  { name: "is garbled beyond reading", code: "yaml-syntax", text: garbled },
];

const read = (text: string) => readDocuments({ path: "a.k.yaml", text });
const SOUND = `${head("low")}spec: {return: {a: 1}}\n`;
const options = { namespaces: ["high", "low"] };

for (const { name, code, text } of REFUSED) {
  Deno.test(`SD-13 a document that ${name} is broken under its name, and hides no less`, () => {
    const documents = read(`${head("high")}${text}---\n${SOUND}`);
    deepEqual(documents.map((one) => documentIdentity(one, "default")?.namespace), ["high", "low"]);
    const program = compileProgram(documents, options);
    deepEqual([...new Set(program.diagnostics.map((found) => found.code))], [code]);
    const found = program.find("ValueFunction", "a.v1");
    equal(found.type === "broken" && found.diagnostic.code, code);
  });

  if (code === "yaml-syntax") continue;
  Deno.test(`SD-2 a document of someone else that ${name} is ignored`, () => {
    const foreign = head("high").replace("koreo.dev/v1beta1", "apiextensions.k8s.io/v1");
    deepEqual(read(`${foreign}${text}---\n${SOUND}`).length, 1);
  });
}

Deno.test("SD-20 a document that is refused changes when its text does", () => {
  const [one, other] = ["x", "y"].map((text) => read(`${head("high")}${large(text)}`)[0]?.digest);
  notEqual(one, other);
});

const UNKNOWN = [
  { name: "has no name", text: head("high").replace("name: a.v1", "other: a") },
  { name: "has two kinds", text: `${head("high")}kind: Workflow\n` },
  { name: "is written as JSON", text: '{"apiVersion": "koreo.dev/v1beta1", "kind": "Workflow",\n' },
];

for (const { name, text } of UNKNOWN) {
  Deno.test(`DG a refused document that ${name} is told without an identity`, () => {
    const [document] = read(`${text}${large("x")}`);
    deepEqual(document?.diagnostics.map(({ code }) => code), ["document-too-large"]);
    equal(document && documentIdentity(document, "default"), undefined);
  });
}

Deno.test("LM-3 parsed data has at most 100,000 nodes, and keeps its name", () => {
  const documentOf = (count: number) => {
    const spec = { return: { a: Array<JsonValue>(count).fill(1) } };
    const metadata = { name: "a.v1", namespace: "high" };
    return documentFromJson(
      { apiVersion: "koreo.dev/v1beta1", kind: "ValueFunction", metadata, spec },
      { file: "cluster" },
    );
  };
  // Nine nodes around the items: the root, four members, two names, `return` and `a`.
  deepEqual(documentOf(99_991).diagnostics, []);
  const refused = documentOf(99_992);
  deepEqual(refused.diagnostics.map(({ code }) => code), ["too-many-aliases"]);
  const found = compileProgram([refused], options).find("ValueFunction", "a.v1");
  equal(found.type === "broken" && found.diagnostic.code, "too-many-aliases");
});

Deno.test("LM-3 parsed data whose parts repeat each other ends", () => {
  let value: JsonValue = [1];
  for (let level = 0; level < 60; level++) value = [value, value];
  const refused = documentFromJson({ apiVersion: "koreo.dev/v1beta1", spec: value }, { file: "c" });
  deepEqual(refused.diagnostics.map(({ code }) => code), ["too-many-aliases"]);
});
