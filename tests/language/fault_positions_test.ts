// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { Document, parseDocument, Scalar } from "yaml";
import { compileProgram, readDocuments } from "../../src/language/mod.ts";
import { definition } from "./definitions.ts";

const CONFIG = definition("ValueFunction", "config.v1", "return: {name: =inputs.name}");

/** Faults with a name that stands once in the text, and the code that tells of it. */
const FAULTS = {
  "unknown-step": "steps.plantedFault.name",
  "unknown-return-field": "steps.config.plantedFault",
  "undeclared-variable": "plantedFault.name",
  "unknown-function": "plantedFault(steps.config.name)",
} as const;

const PLANTED = "plantedFault";

const TYPES = ["PLAIN", "QUOTE_SINGLE", "QUOTE_DOUBLE", "BLOCK_LITERAL", "BLOCK_FOLDED"] as const;

/** Expressions around a fault, which themselves are sound. */
const BEFORE = fc.constantFrom(
  "'wide 😀 漢字 é' + ",
  "'a\\tb' + ",
  '"text: with # signs" + ',
  "\t",
  "\n\n  ",
  "'it\\'s' + ",
  "// a comment\n",
  "[1,\n 2].size() > 1 ? 'b' : ",
  "'long words that fold somewhere in the middle of the line' + ",
  " ",
);
const AFTER = fc.constantFrom("", " + 'x'", "\n  + 'y'", "\n\n+ '漢'", " // the end", "\t+ 'z'");

const SOURCES = fc.tuple(
  fc.array(BEFORE, { maxLength: 6 }),
  fc.constantFrom(...Object.keys(FAULTS) as (keyof typeof FAULTS)[]),
  fc.array(AFTER, { maxLength: 3 }),
).map(([before, code, after]) => ({
  code,
  expression: `=${before.join("")}${FAULTS[code]}${
    after.filter((each) => !each.includes("//")).join("")
  }`,
}));

const LAYOUTS = fc.record({
  type: fc.constantFrom(...TYPES),
  lineWidth: fc.constantFrom(0, 20, 40, 80),
  hasBom: fc.boolean(),
  lineBreak: fc.constantFrom("\n", "\r\n"),
  isFlow: fc.boolean(),
});

type Layout = typeof LAYOUTS extends fc.Arbitrary<infer T> ? T : never;

/** The text of a Workflow whose second step has the expression; empty if it cannot be written so. */
function workflowText(expression: string, layout: Layout): string {
  const document = new Document({
    apiVersion: "koreo.dev/v1beta1",
    kind: "Workflow",
    metadata: { name: "w.v1" },
    spec: {
      steps: [
        { label: "config", ref: { kind: "ValueFunction", name: "config.v1" }, inputs: { name: 1 } },
        { label: "other", ref: { kind: "ValueFunction", name: "config.v1" } },
      ],
    },
  });
  const scalar = new Scalar(expression);
  scalar.type = layout.type;
  const inputs = document.createNode({ nested: [{}] }, { flow: layout.isFlow });
  document.setIn(["spec", "steps", 1, "inputs"], inputs);
  document.setIn(["spec", "steps", 1, "inputs", "name"], scalar);
  const text = document.toString({ lineWidth: layout.lineWidth, minContentWidth: 10 });
  // The library does not write every text in every style in a form that reads back the same.
  const back = parseDocument(text);
  if (back.errors.length > 0) return "";
  return back.getIn(["spec", "steps", 1, "inputs", "name"]) === expression ? text : "";
}

Deno.test("DG-1 a fault is told at its exact column in every style, break and width", () => {
  let tried = 0;
  fc.assert(
    fc.property(SOURCES, LAYOUTS, ({ expression, code }, layout) => {
      const written = workflowText(expression, layout);
      fc.pre(written !== "" && written.split(PLANTED).length === 2);
      tried++;
      const text = written.replaceAll("\n", layout.lineBreak);
      const bytes = new TextEncoder().encode(`${layout.hasBom ? "\uFEFF" : ""}${text}`);
      const program = compileProgram([
        ...readDocuments({ path: "config.yaml", text: CONFIG }),
        ...readDocuments({ path: "w.yaml", bytes }),
      ]);
      const before = text.slice(0, text.indexOf(PLANTED)).split(layout.lineBreak);
      const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
      const found = program.diagnostics.find((each) => each.code === code);
      deepEqual(found && { line: found.line, column: found.column }, place, text);
      const { excerpt } = found ?? {};
      const shown = excerpt?.text.slice(place.column - 1, excerpt.endColumn - 1);
      ok(shown === PLANTED || excerpt === undefined, `${shown} in ${text}`);
    }),
    { numRuns: 600 },
  );
  ok(tried > 100, `${tried} texts`);
});

Deno.test("DG-1 a fault on the first line of a file with a byte order mark has its column", () => {
  const text = JSON.stringify({
    apiVersion: "koreo.dev/v1beta1",
    kind: "ValueFunction",
    metadata: { name: "漢😀" },
    spec: { return: { a: "=plantedFault" } },
  });
  const bytes = new TextEncoder().encode(`\uFEFF${text}`);
  const [found] = compileProgram(readDocuments({ path: "a.json", bytes })).diagnostics;
  deepEqual([found?.line, found?.column], [1, text.indexOf(PLANTED) + 1]);
});

/** A file with one fault of its own in each of some definitions. */
function faultyFile(path: string, count: number) {
  const texts = Array.from({ length: count }, (_, index) => {
    const name = `${path}-${index}.v1`;
    switch (index % 5) {
      case 0:
        return definition("ValueFunction", name, "return: {x: =inputs.}");
      case 1:
        return definition("ValueFunction", name, "retrun: {x: 1}\nreturn: {a: 1}");
      case 2:
        return definition(
          "Workflow",
          name,
          "steps: [{label: one, ref: {kind: ValueFunction, name: gone.v1}}]",
        );
      case 3:
        return definition("ValueFunction", name, "return: {x: \"=1 + 'a'\"}");
      default:
        return "apiVersion: koreo.dev/v1beta1\nkind: [\n";
    }
  });
  return { path: `${path}.k.yaml`, text: texts.join("---\n") };
}

Deno.test("DG-2 a hundred faults in a directory are told in one run, in one order", () => {
  const files = ["b", "a", "d", "c"].map((path) => faultyFile(path, 25));
  const diagnosticsOf = (order: typeof files) =>
    compileProgram(order.flatMap((file) => readDocuments(file))).diagnostics;
  const first = diagnosticsOf(files);
  ok(first.length >= 100, `${first.length}`);
  equal(new Set(first.map(({ file, line }) => `${file}:${line}`)).size >= 100, true);
  deepEqual(diagnosticsOf(files.toReversed()), first);
  const places = first.map(({ file, line, column }) => [file, line, column] as const);
  const sorted = places.toSorted((a, b) =>
    a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1] || a[2] - b[2]
  );
  deepEqual(places, sorted);
});
