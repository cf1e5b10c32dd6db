// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import {
  compileProgram,
  documentFromJson,
  type JsonValue,
  type Program,
  readDocuments,
  type SourceDocument,
} from "../../src/language/mod.ts";
import { definition, programOf, ready } from "./definitions.ts";

const returning = (name: string, value: string, namespace?: string) =>
  definition("ValueFunction", name, `return: {v: ${value}}`, namespace);

const calling = (name: string, ...logic: readonly string[]) =>
  definition(
    "Workflow",
    name,
    `steps:\n${
      logic.map((ref, index) =>
        `- {label: step${index}, ref: {kind: ${ref.split("/").join(", name: ")}}}`
      )
        .join("\n")
    }`,
  );

function documentsOf(...texts: readonly string[]): readonly SourceDocument[] {
  return texts.flatMap((text, index) => readDocuments({ path: `${index + 1}.k.yaml`, text }));
}

/** What is found, without the information that nothing reads what these Functions return. */
function findings(program: Program): Program["diagnostics"] {
  return program.diagnostics.filter(({ code }) => code !== "unread-field");
}

function codes(program: Program): readonly string[] {
  return findings(program).map(({ code }) => code);
}

Deno.test("SD-10 of two definitions of one identity the first is used", () => {
  const program = programOf(returning("a.v1", "1"), returning("a.v1", "2"));
  equal(ready(program, "ValueFunction", "a.v1").source.file, "1.k.yaml");
  const [again] = findings(program);
  deepEqual(codes(program), ["duplicate-definition"]);
  deepEqual([again?.file, again?.path], ["2.k.yaml", "metadata.name"]);
  equal(again?.excerpt?.text.includes("a.v1"), true);
  equal(program.definitions.length, 1);
});

Deno.test("SD-11 SD-12 the first namespace of the list that has a name wins it", () => {
  const documents = documentsOf(
    returning("a.v1", "1", "platform"),
    returning("a.v1", "2", "team"),
    returning("b.v1", "3", "platform"),
    returning("c.v1", "4", "elsewhere"),
  );
  const program = compileProgram(documents, { namespaces: ["team", "platform"] });
  equal(ready(program, "ValueFunction", "a.v1").id.namespace, "team");
  equal(ready(program, "ValueFunction", "b.v1").id.namespace, "platform");
  deepEqual(program.find("ValueFunction", "c.v1"), { type: "missing" });
  deepEqual(codes(program), []);
});

Deno.test("SD-13 a broken winner is not passed over", () => {
  const program = compileProgram(
    documentsOf(returning("a.v1", "=1 +", "team"), returning("a.v1", "1", "platform")),
    { namespaces: ["team", "platform"] },
  );
  const found = program.find("ValueFunction", "a.v1");
  ok(found.type === "broken");
  equal(found.diagnostic.code, "expression-syntax");
  equal(program.winner("ValueFunction", "a.v1")?.type, "Broken");
});

Deno.test("SD-15 a view that starts at a namespace looks there first", () => {
  const program = compileProgram(
    documentsOf(returning("a.v1", "1", "platform"), returning("a.v1", "2", "team")),
    { namespaces: ["platform"] },
  );
  const view = program.startingAt("team");
  deepEqual(view.namespaces, ["team", "platform"]);
  equal(ready(view, "ValueFunction", "a.v1").id.namespace, "team");
  equal(program.startingAt("team"), view);
  equal(program.startingAt("platform"), program);
});

Deno.test("SD-17 without a list the default namespace comes first, then the others by name", () => {
  const program = compileProgram(
    documentsOf(
      returning("a.v1", "1", "zeta"),
      returning("a.v1", "2", "alpha"),
      returning("b.v1", "3"),
    ),
    { defaultNamespace: "main" },
  );
  deepEqual(program.namespaces, ["main", "alpha", "zeta"]);
  deepEqual(program.diagnostics.map(({ code, severity, file }) => [code, severity, file]), [
    ["shadowed-name", "information", "1.k.yaml"],
  ]);
});

Deno.test("SD-6 a definition without namespace is in the one it is loaded for", () => {
  const program = compileProgram(documentsOf(returning("a.v1", "1")), { defaultNamespace: "team" });
  equal(ready(program, "ValueFunction", "a.v1").id.namespace, "team");
  equal(ready(programOf(returning("a.v1", "1")), "ValueFunction", "a.v1").id.namespace, "default");
});

Deno.test("SD-2 documents of other API groups are ignored, wherever they come from", () => {
  const document = documentFromJson({ apiVersion: "v1", kind: "ValueFunction" }, { file: "a" });
  const program = compileProgram([document]);
  deepEqual([program.definitions.length, program.diagnostics.length], [0, 0]);
});

Deno.test("DG-2 the order of files does not matter", () => {
  const texts = [
    calling("w.v1", "ValueFunction/a.v1", "ValueFunction/b.v1"),
    returning("a.v1", "=inputs.x"),
    returning("b.v1", "=1 +"),
    returning("c.v1", "=locals.x"),
  ];
  const documents = documentsOf(...texts);
  const one = compileProgram(documents);
  const other = compileProgram([...documents].reverse());
  equal(one.digest, other.digest);
  deepEqual(one.diagnostics, other.diagnostics);
  deepEqual(one.definitions.map(({ id }) => id), other.definitions.map(({ id }) => id));
});

Deno.test("DG-2 a hundred faults in one directory are told in one run, in stable order", () => {
  const texts = Array.from({ length: 100 }, (_, n) => returning(`f${n}`, "=1 +"));
  const program = programOf(...texts, returning("sound", "1"));
  equal(program.diagnostics.length, 100);
  ok(
    program.diagnostics.every((each, index, all) =>
      index === 0 || (all[index - 1]?.file ?? "") <= each.file
    ),
  );
  ready(program, "ValueFunction", "sound");
});

Deno.test("DG-4 what is missing or broken leaves the definition that refers to it sound", () => {
  const program = programOf(
    calling("w.v1", "ValueFunction/gone.v1", "ValueFunction/broken.v1"),
    returning("broken.v1", "=1 +"),
  );
  ready(program, "Workflow", "w.v1");
  deepEqual(program.diagnostics.map(({ code, severity }) => `${severity} ${code}`), [
    "unresolved unknown-reference",
    "unresolved broken-reference",
    "error expression-syntax",
  ]);
});

Deno.test("SD-11 a reference to what is in a namespace that is not searched tells where it is", () => {
  const texts = documentsOf(
    calling("w.v1", "ValueFunction/f.v1"),
    returning("f.v1", "1", "team"),
  );
  const diagnostics = findings(compileProgram(texts, { namespaces: ["main", "default"] }));
  deepEqual(diagnostics.map(({ code, message, help }) => ({ code, message, help })), [{
    code: "unknown-reference",
    message: 'Cannot find ValueFunction "f.v1": it is in namespace "team", which the ' +
      'priority list ("main", "default") does not name',
    help: 'add "team" to the priority list of the channel (--namespaces of a command), or define ' +
      "it in a namespace of the list",
  }]);
  deepEqual(diagnostics[0]?.related?.map(({ file, message }) => [file, message]), [
    ["2.k.yaml", 'ValueFunction "f.v1" of namespace "team"'],
  ]);
  const searched = compileProgram(texts, { namespaces: ["main", "default", "team"] });
  deepEqual(codes(searched), []);
});

Deno.test("WF-14 Workflows on a cycle are broken, those that lead to it are not", () => {
  const program = programOf(
    calling("a.v1", "Workflow/b.v1"),
    calling("b.v1", "Workflow/a.v1"),
    calling("own.v1", "Workflow/own.v1"),
    calling("out.v1", "Workflow/a.v1"),
  );
  deepEqual(
    ["a.v1", "b.v1", "own.v1", "out.v1"].map((name) => program.find("Workflow", name).type),
    ["broken", "broken", "broken", "ready"],
  );
  const broken = program.winner("Workflow", "a.v1");
  ok(broken?.type === "Broken");
  deepEqual(broken.workflow?.stepErrors.map(({ label, message }) => [label, message]), [
    ["step0", 'Cannot run Workflow "a.v1": it reaches itself: a.v1 -> b.v1 -> a.v1'],
  ]);
});

Deno.test("LM-13 16 levels of sub-Workflows run, 17 do not", () => {
  const texts = Array.from(
    { length: 18 },
    (_, n) => calling(`w${n}`, n === 17 ? "ValueFunction/a.v1" : `Workflow/w${n + 1}`),
  );
  const program = programOf(...texts, returning("a.v1", "1"));
  deepEqual(["w0", "w1"].map((name) => program.find("Workflow", name).type), ["broken", "ready"]);
});

const RF = (base: string, overlays = "[]") =>
  definition(
    "ResourceFunction",
    "rf.v1",
    `apiConfig: {apiVersion: v1, kind: A, name: a, namespace: b}\n${base}\noverlays: ${overlays}`,
  );
const TEMPLATE = (name: string, value = "1") =>
  definition("ResourceTemplate", name, `template: {apiVersion: v1, kind: A, v: ${value}}`);

Deno.test("reach holds what a definition reaches through steps, cases, overlays and templates", () => {
  const program = programOf(
    definition(
      "Workflow",
      "w.v1",
      `steps:
- label: one
  refSwitch:
    switchOn: =parent.x
    cases: [{case: a, kind: Workflow, name: sub.v1}, {case: b, kind: ValueFunction, name: b.v1}]`,
    ),
    calling("sub.v1", "ResourceFunction/rf.v1"),
    RF("resourceTemplateRef: {name: t.v1}", "[{overlayRef: {kind: ValueFunction, name: over.v1}}]"),
    returning("over.v1", "1"),
    returning("b.v1", "1"),
    returning("unused.v1", "1"),
    TEMPLATE("t.v1"),
    TEMPLATE("t.v2"),
    definition("FunctionTest", "test.v1", "functionRef: {kind: ResourceFunction, name: rf.v1}"),
  );
  deepEqual([...program.reach("Workflow", "w.v1")].sort(), [
    "ResourceFunction/default/rf.v1",
    "ResourceTemplate/default/t.v1",
    "ValueFunction/default/b.v1",
    "ValueFunction/default/over.v1",
    "Workflow/default/sub.v1",
    "Workflow/default/w.v1",
  ]);
  ok(program.reach("FunctionTest", "test.v1").has("ResourceTemplate/default/t.v1"));
  deepEqual([...program.reach("Workflow", "gone")], []);
});

Deno.test("reach holds every ResourceTemplate where the name of one is computed", () => {
  const program = programOf(
    RF("resourceTemplateRef: {name: ='t.' + inputs.x}"),
    TEMPLATE("t.v1"),
    TEMPLATE("t.v2"),
  );
  equal(program.reach("ResourceFunction", "rf.v1").size, 3);
});

Deno.test("reachDigest changes with what is reached, and only with that", () => {
  const base = [
    calling("w.v1", "ResourceFunction/rf.v1", "ValueFunction/gone.v1"),
    RF("resourceTemplateRef: {name: t.v1}", "[{overlayRef: {kind: ValueFunction, name: over.v1}}]"),
  ];
  const digestOf = (...texts: readonly string[]) =>
    programOf(...base, ...texts).reachDigest("Workflow", "w.v1");
  const before = digestOf(TEMPLATE("t.v1"), returning("over.v1", "1"));
  equal(digestOf(TEMPLATE("t.v1"), returning("over.v1", "1"), returning("new.v1", "1")), before);
  equal(
    digestOf(
      `# a comment\n${TEMPLATE("t.v1").replace("v: 1", "'v':   1")}`,
      returning("over.v1", "1"),
    ),
    before,
  );
  notEqual(digestOf(TEMPLATE("t.v1", "2"), returning("over.v1", "1")), before);
  notEqual(digestOf(TEMPLATE("t.v1"), returning("over.v1", "2")), before);
  notEqual(
    digestOf(TEMPLATE("t.v1"), returning("over.v1", "1"), returning("gone.v1", "1")),
    before,
  );
});

Deno.test("a digest tells the content and neither layout nor other metadata", () => {
  const digestOf = (text: string) => ready(programOf(text), "ValueFunction", "a.v1").digest;
  const text = returning("a.v1", "[1, {x: y2}]");
  const block = returning("a.v1", "0").replace("{v: 0}", "\n    v:\n    - 1\n    - x: 'y2'");
  equal(digestOf(text), digestOf(`# comment\n\n${block}`));
  equal(digestOf(text), digestOf(text.replace("{name: a.v1}", "{name: a.v1, labels: {a: b}}")));
  notEqual(digestOf(text), digestOf(text.replace("y2", "y3")));
  notEqual(
    digestOf(text),
    digestOf(text.replace("{name: a.v1}", "{name: a.v1, namespace: b}")),
  );
});

Deno.test("SD-20 definitions whose documents did not change are taken over as they are", () => {
  const texts = Array.from({ length: 50 }, (_, n) => returning(`f${n}`, `${n}`));
  const before = programOf(...texts);
  const changed = texts.with(7, returning("f7", "new"));
  const after = compileProgram(documentsOf(...changed), { previous: before });
  const same = after.definitions.filter((each, index) => each === before.definitions[index]);
  equal(same.length, 49);
  notEqual(after.digest, before.digest);
});

Deno.test("SD-20 a definition that moved in its file tells its new place", () => {
  const before = programOf(returning("a.v1", "=inputs.x"));
  const after = compileProgram(documentsOf(`\n\n${returning("a.v1", "=inputs.x")}`), {
    previous: before,
  });
  equal(ready(after, "ValueFunction", "a.v1").source.line, 3);
  equal(after.reachDigest("ValueFunction", "a.v1"), before.reachDigest("ValueFunction", "a.v1"));
});

Deno.test("SD-20 a dependent is linked again when what it refers to appears", () => {
  const workflow = calling("w.v1", "ValueFunction/a.v1");
  const before = programOf(workflow);
  deepEqual(codes(before), ["unknown-reference"]);
  const after = compileProgram(documentsOf(workflow, returning("a.v1", "1")), { previous: before });
  deepEqual(codes(after), []);
});

Deno.test("EX-14 an input is told as missing or extra for every Logic of a switch", () => {
  const program = programOf(
    definition(
      "Workflow",
      "w.v1",
      `steps:
- label: one
  refSwitch:
    switchOn: =inputs.engine
    cases: [{case: a, kind: ValueFunction, name: a.v1}, {case: b, kind: ValueFunction, name: b.v1}]
  inputs: {engine: =parent.engine, onlyA: 1, nobody: 1}
- label: two
  ref: {kind: ValueFunction, name: a.v1}
  forEach: {itemIn: =parent.items, inputKey: onlyA}`,
    ),
    returning("a.v1", "=inputs.onlyA"),
    returning("b.v1", "=inputs.onlyB"),
  );
  deepEqual(findings(program).map(({ code, message }) => `${code}: ${message}`), [
    'missing-input: ValueFunction "b.v1" needs input "onlyB", which this step does not give',
    'extra-input: Input "nobody" is given by this step, but ValueFunction "a.v1" and ValueFunction "b.v1" never use it',
  ]);
});

Deno.test("EX-14 inputs used as a whole make no input extra", () => {
  const program = programOf(
    definition(
      "Workflow",
      "w.v1",
      "steps: [{label: one, ref: {kind: ValueFunction, name: a.v1}, inputs: {any: 1}}]",
    ),
    returning("a.v1", "=inputs"),
  );
  deepEqual(codes(program), []);
});

Deno.test("WF-21 a configStep gives its Logic the trigger as parent", () => {
  const program = programOf(
    definition("Workflow", "w.v1", "configStep: {ref: {kind: ValueFunction, name: a.v1}}"),
    returning("a.v1", "=inputs.parent.spec"),
  );
  deepEqual(codes(program), []);
});

Deno.test("WF-47 a sub-Workflow needs the names of parent that it reads", () => {
  const program = programOf(
    calling("w.v1", "Workflow/sub.v1"),
    definition(
      "Workflow",
      "sub.v1",
      "steps: [{label: one, ref: {kind: ValueFunction, name: a.v1}, inputs: {x: =parent.size}}]",
    ),
    returning("a.v1", "=inputs.x"),
  );
  deepEqual(findings(program).map(({ message }) => message), [
    'Workflow "sub.v1" needs input "size", which this step does not give',
  ]);
});

Deno.test("DG-6 a broken definition tells its first diagnostic in order of place", () => {
  const text = definition("ValueFunction", "a.v1", "return: {b: =1 +, a: =2 +}\nlocals: null");
  const found = programOf(text).find("ValueFunction", "a.v1");
  ok(found.type === "broken");
  deepEqual([found.diagnostic.line, found.diagnostic.path], [5, "spec.return.b"]);
});

Deno.test("VF-1 documents from parsed data compile as those from text do", () => {
  const value = {
    apiVersion: "koreo.dev/v1beta1",
    kind: "ValueFunction",
    metadata: { name: "a.v1", resourceVersion: "7" },
    spec: { return: { v: "=inputs.x", big: 9223372036854775807n } },
  };
  const program = compileProgram([documentFromJson(value, { file: "cluster" })]);
  const fromText = programOf(
    definition("ValueFunction", "a.v1", "return: {v: =inputs.x, big: 9223372036854775807}"),
  );
  equal(
    ready(program, "ValueFunction", "a.v1").digest,
    ready(fromText, "ValueFunction", "a.v1").digest,
  );
  deepEqual(ready(program, "ValueFunction", "a.v1").source, {
    file: "cluster",
    line: 1,
    column: 1,
  });
});

Deno.test("LM-4 parsed data that is nested too deep is told, not followed", () => {
  let value: JsonValue = 1;
  for (let level = 0; level < 50_000; level++) value = [value];
  const spec = { return: { x: value } };
  const document = { apiVersion: "koreo.dev/v1beta1", kind: "ValueFunction", metadata: {}, spec };
  deepEqual(codes(compileProgram([documentFromJson(document, { file: "cluster" })])), [
    "nesting-too-deep",
  ]);
});

Deno.test("RF-34 a constant template name is checked, a computed one cannot be", () => {
  deepEqual(codes(programOf(RF("resourceTemplateRef: {name: gone}"))), ["unknown-reference"]);
  deepEqual(codes(programOf(RF("resourceTemplateRef: {name: =inputs.t}"))), []);
});

Deno.test("RF-40 an overlay that does not give what its ValueFunction needs is told", () => {
  const program = programOf(
    RF("resource: {}", "[{overlayRef: {kind: ValueFunction, name: over.v1}, inputs: {b: 1}}]"),
    returning("over.v1", "=inputs.a + resource.x"),
  );
  deepEqual(codes(program), ["missing-input", "extra-input"]);
});
