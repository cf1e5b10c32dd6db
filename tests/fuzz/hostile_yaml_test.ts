// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { compileProgram, documentFromJson, type JsonValue } from "../../src/language/mod.ts";
import { definition } from "../language/definitions.ts";
import { heldBytes } from "../thread_use.ts";
import { fuzzRuns } from "./fuzz_runs.ts";
import { survives } from "./survives.ts";

const HEAD = "apiVersion: koreo.dev/v1beta1\nkind: ValueFunction\nmetadata: {name: a.v1}\nspec:\n";

const encode = (text: string) => new TextEncoder().encode(text);

/** An alias bomb: each level repeats the one before. */
function bomb(levels: number, width: number, open: string, close: string): string {
  const lines = Array.from({ length: levels }, (_, level) => {
    const items = Array(width).fill(level === 0 ? "x" : `*a${level - 1}`);
    const shown = open === "[" ? items : items.map((item, index) => `k${index}: ${item}`);
    return `    a${level}: &a${level} ${open}${shown.join(", ")}${close}\n`;
  });
  return `${HEAD}  return:\n${lines.join("")}`;
}

const DEEP = 10_000;

/** Texts that were made to hurt, and a code that tells of each. */
const HOSTILE: readonly (readonly [string, string, string])[] = [
  ["a bomb of lists", bomb(30, 10, "[", "]"), "too-many-aliases"],
  ["a bomb of maps", bomb(30, 10, "{", "}"), "too-many-aliases"],
  [
    "a bomb of merge keys",
    `${HEAD}  return:\n    a0: &a0 {x0: 1}\n${
      Array.from({ length: 20_000 }, (_, n) =>
        `    a${n + 1}: &a${n + 1} {<<: *a${n}, x${n + 1}: 1}\n`).join("")
    }`,
    "nesting-too-deep",
  ],
  [
    "10,000 lists in each other",
    `${HEAD}  return: {x: ${"[".repeat(DEEP)}${"]".repeat(DEEP)}}\n`,
    "nesting-too-deep",
  ],
  [
    "10,000 maps in each other",
    `${HEAD}  return: ${"{a: ".repeat(DEEP)}1${"}".repeat(DEEP)}\n`,
    "nesting-too-deep",
  ],
  ["10,000 open lists", `${HEAD}  return: {x: ${"[".repeat(DEEP)}\n`, "nesting-too-deep"],
  [
    "10,000 block lists",
    `${HEAD}  return:\n    x:\n      ${"- ".repeat(DEEP)}1\n`,
    "nesting-too-deep",
  ],
  [
    "1,000 block maps",
    `${HEAD}  return:\n${
      Array.from({ length: 1_000 }, (_, n) => `${" ".repeat(n + 4)}a:\n`).join("")
    }${" ".repeat(1_004)}1\n`,
    "nesting-too-deep",
  ],
  [
    "10,000 parentheses",
    `${HEAD}  return: {x: "=${"(".repeat(DEEP)}1${")".repeat(DEEP)}"}\n`,
    "expression-too-deep",
  ],
  ["10,000 nots", `${HEAD}  return: {x: "=${"!".repeat(DEEP)}true"}\n`, "expression-too-deep"],
  ["10,000 signs", `${HEAD}  return: {x: "=${"-".repeat(DEEP)}inputs.x"}\n`, "expression-too-deep"],
  ["10,000 members", `${HEAD}  return: {x: =inputs${".a".repeat(DEEP)}}\n`, ""],
  ["8,000 sums", `${HEAD}  return: {x: =1${" + 1".repeat(8_000)}}\n`, ""],
  ["8,000 faulty sums", `${HEAD}  return: {x: "='a'${" + 1".repeat(8_000)}"}\n`, ""],
  ["4,000 calls", `${HEAD}  return: {x: =inputs.x${".lower()".repeat(4_000)}}\n`, ""],
  ["an anchor within itself", `${HEAD}  return: {x: &a [*a]}\n`, "yaml-syntax"],
  ["a map within itself", `${HEAD}  return: &a {x: *a}\n`, "yaml-syntax"],
  ["a merge of itself", `${HEAD}  return: &a {<<: *a, x: 1}\n`, "yaml-syntax"],
  ["anchors in a circle", `${HEAD}  return: {x: &a [*b], z: &b [*a]}\n`, "yaml-syntax"],
  ["20,000 keys of one name", `${HEAD}  return:\n${"    x: 1\n".repeat(20_000)}`, "duplicate-key"],
  ["2,000 documents", `${HEAD}  return: {x: 1}\n---\n`.repeat(2_000), "duplicate-definition"],
  [
    "a megabyte of an expression",
    `${HEAD}  return: {x: "=${"a".repeat(1_000_000)}"}\n`,
    "expression-too-long",
  ],
  [
    "half a megabyte of escapes",
    `${HEAD}  return: {x: "=${"\\x41".repeat(120_000)}"}\n`,
    "expression-too-long",
  ],
];

for (const [name, text, code] of HOSTILE) {
  Deno.test(`LM-1 ${name} is told and hurts nothing else`, () => {
    const program = survives({ text });
    const codes = new Set(program.diagnostics.map((each) => each.code));
    ok(code === "" || codes.has(code), `${code} not in ${[...codes]}`);
  });
}

Deno.test("LM-2 a scalar of 50 MB is refused without being read", () => {
  const head = encode(`${HEAD}  return: {x: "`);
  const bytes = new Uint8Array(50_000_000).fill(0x61);
  bytes.set(head);
  const program = survives({ bytes });
  deepEqual(program.diagnostics.map(({ code }) => code), ["document-too-large"]);
});

Deno.test("LM-2 memory stays bounded while large files are refused", () => {
  const bytes = new Uint8Array(15_000_000).fill(0x5b);
  const before = heldBytes();
  for (let turn = 0; turn < 5; turn++) survives({ bytes });
  ok(heldBytes() - before < 600_000_000);
});

const BAD_UTF8: readonly (readonly [string, readonly number[]])[] = [
  ["a lone continuation", [0x80]],
  ["an overlong slash", [0xc0, 0xaf]],
  ["a surrogate", [0xed, 0xa0, 0x80]],
  ["a code point beyond the last", [0xf4, 0x90, 0x80, 0x80]],
  ["a character cut off", [0xe2, 0x82]],
  ["the byte that UTF-8 never has", [0xff]],
  ["a wide little-endian text", [0xff, 0xfe, 0x61, 0x00]],
];

for (const [name, bad] of BAD_UTF8) {
  Deno.test(`DG-2 ${name} is told where it stands`, () => {
    const head = encode(`${HEAD}  return: {x: `);
    const program = survives({ bytes: new Uint8Array([...head, ...bad, ...encode("}\n")]) });
    const [found] = program.diagnostics;
    equal(found?.code, "yaml-syntax");
    equal(found?.line, HEAD.split("\n").length);
  });
}

Deno.test("DG-2 bytes changed anywhere in a sound file hurt nothing else", () => {
  const sound = encode(
    `${HEAD}  preconditions:\n  - {assert: "=inputs.a.matches('^(a|b)+$')", retry: {message: é漢😀, delay: 1}}\n  locals: {a: &x [1, *y], b: |\n    text\n  }\n  return: {<<: *x}\n`,
  );
  const changes = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 })), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(changes, (list) => {
      const bytes = sound.slice();
      for (const [at, byte] of list) bytes[at] = byte;
      survives({ bytes });
    }),
    fuzzRuns(500),
  );
});

/** A ring of Workflows that run each other, some of them through switches. */
function ring(size: number, isSwitched: boolean): string {
  return Array.from({ length: size }, (_, index) => {
    const next = `kind: Workflow, name: w${(index + 1) % size}`;
    const logic = isSwitched
      ? `refSwitch: {switchOn: =parent.x, cases: [{case: a, ${next}}]}`
      : `ref: {${next}}`;
    return definition("Workflow", `w${index}`, `steps: [{label: one, ${logic}}]`);
  }).join("---\n");
}

for (const [size, isSwitched] of [[1, false], [2, true], [50, false], [200, true]] as const) {
  Deno.test(`WF-14 a ring of ${size} Workflows is told for each of them`, () => {
    const program = survives({ text: ring(size, isSwitched) });
    equal(program.diagnostics.filter(({ code }) => code === "workflow-cycle").length, size);
    program.reachDigest("Workflow", "w0");
  });
}

Deno.test("WF-14 60 Workflows that all run each other are told in bounded time", () => {
  const count = 60;
  const text = Array.from({ length: count }, (_, index) => {
    const steps = Array.from(
      { length: count },
      (_, to) => `- {label: step_${to}, ref: {kind: Workflow, name: w${to}}}`,
    );
    return definition("Workflow", `w${index}`, `steps:\n${steps.join("\n")}`);
  }).join("---\n");
  survives({ text });
});

Deno.test("LM-13 a lattice of Workflows, each running the next two, is measured once", () => {
  const count = 300;
  const text = Array.from({ length: count }, (_, index) =>
    definition(
      "Workflow",
      `w${index}`,
      `steps: [{label: one, ref: {kind: Workflow, name: w${
        index + 1
      }}}, {label: two, ref: {kind: Workflow, name: w${index + 2}}}]`,
    )).join("---\n");
  survives({ text });
});

Deno.test("LM-4 parsed data of any shape is told about, never thrown", () => {
  const deep = (levels: number): JsonValue => {
    let value: JsonValue = 1;
    for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
    return value;
  };
  const values = fc.oneof(
    fc.jsonValue() as fc.Arbitrary<JsonValue>,
    fc.constantFrom(50, 99, 100, 101, 5_000).map(deep),
  );
  fc.assert(
    fc.property(
      values,
      fc.constantFrom("ValueFunction", "Workflow", "FunctionTest", "Nothing"),
      (spec, kind) => {
        const document = { apiVersion: "koreo.dev/v1beta1", kind, metadata: { name: "a" }, spec };
        compileProgram([documentFromJson(document, { file: "a" })]).diagnostics;
        compileProgram([documentFromJson(spec, { file: "a" })]).diagnostics;
      },
    ),
    fuzzRuns(500),
  );
});

/** Two maps of many keys, and expressions that put them together as often as fits a document. */
function largeTypes(expression: string): string {
  const map = (name: string, value: string) =>
    `    ${name}: {${Array.from({ length: 900 }, (_, n) => `k${n}: ${value}`).join(", ")}}\n`;
  const lines = Array.from(
    { length: Math.floor(900_000 / (expression.length + 24)) },
    (_, n) => `    r${n}: "=${expression} == ${n}"\n`,
  );
  return `${HEAD}  locals:\n${map("x", "1")}${map("z", "a")}  return:\n${lines.join("")}`;
}

const PUT_TOGETHER: readonly (readonly [string, string])[] = [
  ["a list", `[${Array.from({ length: 1_800 }, (_, n) => `{'a':locals.${n % 2 ? "x" : "z"}}`)}]`],
  ["branches", `${"inputs.a?locals.x:inputs.b?locals.z:".repeat(70)}locals.x`],
];

for (const [name, expression] of PUT_TOGETHER) {
  Deno.test(`DG large types in ${name} are followed in bounded time`, () => {
    survives({ text: largeTypes(expression) });
  });
}
