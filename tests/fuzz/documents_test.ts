// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import fc from "fast-check";
import { compileProgram, readDocuments } from "../../src/language/mod.ts";
import { endsSoon } from "../thread_use.ts";
import { fuzzRuns } from "./fuzz_runs.ts";
import { survives } from "./survives.ts";

Deno.test("DG-2 no bytes keep a sound neighbour from compiling", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void survives({ bytes })),
    fuzzRuns(300),
  );
});

const PIECES = fc.constantFrom(
  "apiVersion: koreo.dev/v1beta1\n",
  "kind: Workflow\n",
  "kind: FunctionTest\n",
  "metadata: {name: a}\n",
  "spec:\n",
  "  steps:\n",
  "  - label: one\n",
  "    ref: {kind: Workflow, name: a}\n",
  "    inputs: {a: =steps.one.x, b: =}\n",
  "---\n",
  "...\n",
  "&a ",
  "*a ",
  "<<: *a\n",
  "- ",
  "? ",
  ": ",
  "{",
  "}",
  "[",
  "]",
  "|\n",
  ">-\n",
  "'",
  '"',
  "\\",
  "\t",
  "\r\n",
  "  ",
  "#",
  "!!str ",
  "!x ",
  "%YAML 1.1\n",
  "=inputs.x",
  "null",
  "\u0000",
  "😀",
  "\ud800",
);

Deno.test("DG-2 no text made of YAML and Koreo keeps a sound neighbour from compiling", () => {
  const texts = fc.array(PIECES, { maxLength: 40 }).map((pieces) => pieces.join(""));
  fc.assert(fc.property(texts, (text) => void survives({ text })), fuzzRuns(300));
});

const SPECS: Readonly<Record<string, string>> = {
  ValueFunction:
    "preconditions: [{assert: =inputs.a, retry: {message: m, delay: 1}}]\nlocals: {a: =inputs.b, c: =locals.a}\nreturn: {x: [1, {z: =locals.c}]}",
  ResourceFunction:
    "apiConfig: {apiVersion: v1, kind: A, name: =inputs.n, namespace: b, owned: false}\nresource: {a: =inputs.x}\noverlays: [{overlay: {b: 1}, skipIf: =true}, {overlayRef: {kind: ValueFunction, name: o}, inputs: {i: =resource}}]\ncreate: {delay: 5, overlay: {c: 1}}\nupdate: {patch: {delay: 1}}\ndelete: {destroy: {}}\npostconditions: [{assert: =resource.a, ok: {}}]\nreturn: {r: =resource}",
  Workflow:
    "crdRef: {apiGroup: g, version: v1, kind: K}\nconfigStep: {ref: {kind: ValueFunction, name: a}}\nsteps: [{label: one, refSwitch: {switchOn: =parent.x, cases: [{case: a, kind: Workflow, name: b, default: true}]}, forEach: {itemIn: =steps.config.l, inputKey: k}, condition: {type: Ab, name: c}, state: {s: =value}}]",
  FunctionTest:
    "functionRef: {kind: ResourceFunction, name: a}\ninputs: {a: 1}\nowner: {apiVersion: v1, kind: A, name: a, namespace: b, uid: u}\ntestCases: [{label: l, variant: true, overlayResource: {a: =resource.x}, expectResource: {a: 1}}, {expectOutcome: {retry: {message: m, delay: 0}}}]",
  ResourceTemplate: "template: {apiVersion: v1, kind: A, x: {y2: [1]}}\ncontext: {a: 1}",
};

const SHAPES = fc.constantFrom(
  "null",
  "1",
  "-1",
  "true",
  "text",
  "=inputs.x",
  "=(",
  "{}",
  "[]",
  "{a: 1}",
  "[{}]",
  "''",
);

Deno.test("DG-2 a definition with any value in any place is told about, never thrown", () => {
  const cases = fc.tuple(fc.constantFrom(...Object.keys(SPECS)), fc.nat(), SHAPES);
  fc.assert(
    fc.property(cases, ([kind, position, shape]) => {
      const spec = SPECS[kind] ?? "";
      const places = [...spec.matchAll(/(?<=: )(?![\[{])[^,\n\]}]+/g)];
      const place = places[position % places.length];
      const changed = place === undefined
        ? spec
        : spec.slice(0, place.index) + shape + spec.slice(place.index + place[0].length);
      survives({
        text: `apiVersion: koreo.dev/v1beta1\nkind: ${kind}\nmetadata: {name: x}\nspec:\n  ${
          changed.replaceAll("\n", "\n  ")
        }`,
      });
    }),
    fuzzRuns(300),
  );
});

Deno.test("DG-2 a definition with a whole part replaced is told about, never thrown", () => {
  const cases = fc.tuple(fc.constantFrom(...Object.keys(SPECS)), fc.nat(), SHAPES);
  fc.assert(
    fc.property(cases, ([kind, position, shape]) => {
      const lines = (SPECS[kind] ?? "").split("\n");
      const index = position % lines.length;
      const key = lines[index]?.split(":")[0] ?? "";
      const changed = lines.with(index, `${key}: ${shape}`);
      survives({
        text: `apiVersion: koreo.dev/v1beta1\nkind: ${kind}\nmetadata: {name: x}\nspec:\n  ${
          changed.join("\n  ")
        }`,
      });
    }),
    fuzzRuns(300),
  );
});

const HOSTILE: readonly (readonly [string, string])[] = [
  ["closing braces", "}"],
  ["commas in a list", ","],
  ["anchors", "&a "],
  ["explicit keys", "? "],
  ["quotes", '"a" '],
  ["block headers", "a: |\n"],
  ["duplicate keys", "a: b\n"],
  ["document markers", "---\n"],
  ["colons", ": "],
];

for (const [name, piece] of HOSTILE) {
  Deno.test(`LM-1 a quarter megabyte of ${name} is read in bounded time`, () => {
    const text = `[${piece.repeat(Math.floor(250_000 / piece.length))}`;
    endsSoon(() => compileProgram(readDocuments({ path: "a.yaml", text })));
  });
}

Deno.test("LM-1 twenty thousand locals in the worst order are ordered in bounded time", () => {
  const count = 20_000;
  const lines = Array.from({ length: count }, (_, n) => `    l${n}: =locals.l${n + 1}`);
  const text =
    `apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\nmetadata: {name: x}\nspec:\n  return: {a: 1}\n  locals:\n${
      lines.join("\n")
    }\n    l${count}: 1\n`;
  const program = endsSoon(() => compileProgram(readDocuments({ path: "a.yaml", text })));
  equal(program.diagnostics.length, 0);
});
