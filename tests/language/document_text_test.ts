// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import {
  compileProgram,
  documentText,
  readDocuments,
  type SourceDocument,
} from "../../src/language/mod.ts";
import { definition } from "./definitions.ts";

const good = definition("ValueFunction", "good.v1", "return: {a: =inputs.a}");
const broken = definition("ValueFunction", "broken.v1", "return: {a: =inputs.}");
const ambiguous = definition("ValueFunction", "ambiguous.v1", "return: {a: yes}");
const flow = "{apiVersion: koreo.dev/v1beta1, kind: ValueFunction, metadata: {name: flow.v1}, " +
  "spec: {return: {a: = 1}, x: y}}\n";
const tagged = "%TAG !k! tag:yaml.org,2002:\n---\n" +
  definition("ValueFunction", "tagged.v1", "return: {a: !k!str 1, b: yes}");

const FILES = [
  ["one document", broken],
  ["markers", `---\n${good}---\n${broken}--- # the last\n${ambiguous}`],
  ["a document on the line of its marker", `${good}--- ${flow}---\n${broken}`],
  ["comments and empty lines", `# first\n\n${broken}\n# between\n---\n\n# third\n${ambiguous}`],
  ["documents after their end", `${good}...\n${broken}...\n# no more\n`],
  ["directives", `${good}...\n${tagged}...\n---\n${broken}`],
  ["a line that is a directive only without its marker", `---\n|\n%x\n---\n${broken}`],
  ["other line breaks", `${good}---\n${broken}`.replaceAll("\n", "\r\n")],
  ["a byte order mark", `\uFEFF---\n${broken}---\n${ambiguous}`],
  ["YAML that cannot be parsed", `${good}---\na: [\n---\n${broken}`],
  ["no line break at the end", `${good}---\n${broken}`.trimEnd()],
] as const;

/** Everything that a document tells, and what compiling it alone finds. */
function told(document: SourceDocument): unknown {
  const { diagnostics, place, digest, layoutDigest, name } = document;
  const found = compileProgram([document]);
  return { diagnostics, place, digest, layoutDigest, name, found: found.diagnostics };
}

for (const [what, text] of FILES) {
  Deno.test(`DG-1 a document read from its own text has the places of its file: ${what}`, () => {
    const documents = readDocuments({ path: "a.yaml", text });
    const again = documents.flatMap((document) =>
      readDocuments({ path: "a.yaml", ...documentText(document) })
    );
    deepEqual(again.map(told), documents.map(told));
    deepEqual(again.map(documentText), documents.map(documentText));
  });
}

Deno.test("SD-3 the text of a document is without the marker before it", () => {
  const documents = readDocuments({ path: "a.yaml", text: `---\n${good}---\n${broken}` });
  deepEqual(documents.map(documentText), [
    { text: good, firstLine: 2 },
    { text: broken, firstLine: 2 + good.split("\n").length },
  ]);
});

Deno.test("DG-1 what is read with its first line is found in its file", () => {
  const [document] = readDocuments({ path: "a.yaml", text: broken, firstLine: 41 });
  const [fault] = document ? compileProgram([document]).diagnostics : [];
  equal(`${fault?.file}:${fault?.line}:${fault?.column}`, "a.yaml:45:23");
  equal(fault?.excerpt?.text, "  return: {a: =inputs.}");
});

Deno.test("DG-2 a document after a line ... stands by itself", () => {
  const documents = readDocuments({ path: "a.yaml", text: `a: [\n...\n${good}` });
  deepEqual(documents.map(({ name, diagnostics }) => [name, diagnostics.length > 0]), [
    [undefined, true],
    ["good.v1", false],
  ]);
});
