// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import {
  compileProgram,
  documentValue,
  isDefinitionFile,
  readDocuments,
} from "../../src/language/mod.ts";

const HEAD = "apiVersion: koreo.dev/v1beta1\n";

/** The value under `a` of a document with these lines. */
function valueOf(lines: string): unknown {
  const [document] = readDocuments({ path: "a.yaml", text: `${HEAD}${lines}` });
  return (documentValue(document as never) as { a: unknown }).a;
}

function codesOf(lines: string): readonly string[] {
  return readDocuments({ path: "a.yaml", text: `${HEAD}${lines}` })
    .flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code));
}

const SUFFIXES = [
  ["a.yaml", true],
  ["a.yml", true],
  ["a.koreo", true],
  ["a.k", true],
  ["dir/a.k.yaml", true],
  ["a.k.yml", true],
  ["a.json", false],
  ["a.yaml.bak", false],
  ["yaml", false],
] as const;

for (const [path, expected] of SUFFIXES) {
  Deno.test(`SD-1 a directory's file ${path} is ${expected ? "read" : "left out"}`, () => {
    equal(isDefinitionFile(path), expected);
  });
}

const SCALARS: readonly (readonly [string, unknown])[] = [
  ["a: 1", 1],
  ["a: -0", 0],
  ["a: +7", 7],
  ["a: 0o17", 15],
  ["a: 0x1F", 31],
  ["a: 1.5", 1.5],
  ["a: 1.0", 1],
  ["a: 1.50e2", 150],
  ["a: 1e3", 1000],
  ["a: .5", 0.5],
  ["a: 1e-400", 0],
  ["a: 9007199254740993", 9007199254740993n],
  ["a: 9007199254740993.0", 9007199254740993n],
  ["a: 9223372036854775807", 9223372036854775807n],
  ["a: -9223372036854775808", -9223372036854775808n],
  ["a: 9223372036854775808", 9223372036854775808],
  ["a: 1e18", 10n ** 18n],
  ["a: true", true],
  ["a: False", false],
  ["a: ~", null],
  ["a:", null],
  ["a: null", null],
  ["a: '1'", "1"],
  ['a: "nan"', "nan"],
  ["a: 2020-01-01", "2020-01-01"],
  ["a: 2020-01-01T10:00:00Z", "2020-01-01T10:00:00Z"],
  ["a: !!str 12", "12"],
  ["a: !!int '12'", 12],
  ["a: !!float 1", 1],
  ["a: ! 12", "12"],
  ["a: 1_000", "1_000"],
  ["a: 1.2.3", "1.2.3"],
  ["a: .", "."],
  ["a: e3", "e3"],
  ["a: no", "no"],
  ["a: |\n  x\n  y\n", "x\ny\n"],
];

for (const [lines, expected] of SCALARS) {
  Deno.test(`SD-3 EX-20 ${JSON.stringify(lines)} is read by the core schema`, () => {
    equal(valueOf(lines), expected);
  });
}

Deno.test("SD-3 an earlier map of a merged list wins, and the map's own keys win over all", () => {
  const lines = "x: &x {p: 1, q: 1}\ny: &y_ {q: 2, r: 2}\na:\n  r: 3\n  <<: [*x, *y_]\n  p: 4\n";
  deepEqual(valueOf(lines), { r: 3, p: 4, q: 1 });
});

Deno.test('SD-3 a quoted "<<" is a key like any other', () => {
  deepEqual(valueOf('a: {"<<": 1}'), { "<<": 1 });
});

Deno.test("SD-3 an alias repeats what its nearest earlier anchor holds", () => {
  deepEqual(valueOf("b: &n 1\nc: &n 2\na: [*n, *n]"), [2, 2]);
});

const REFUSED: readonly (readonly [string, string])[] = [
  ["a: {b: 1, b: 2}", "duplicate-key"],
  ["a: {1: x, '1': y}", "duplicate-key"],
  ["a: &a [*a]", "yaml-syntax"],
  ["a: *gone", "yaml-syntax"],
  ["a: {<<: 1}", "yaml-syntax"],
  ["a: !!set {x}", "unsupported-yaml"],
  ["a: !!binary aGk=", "unsupported-yaml"],
  ["a: !!int x", "unsupported-yaml"],
  ["a: -.INF", "unsupported-yaml"],
  ["a: {[x]: 1}", "unsupported-yaml"],
  ["a: 1e400", "unsupported-yaml"],
  ["a:\n\t- x", "yaml-syntax"],
];

for (const [lines, code] of REFUSED) {
  Deno.test(`SD-3 ${JSON.stringify(lines)} is told as ${code}`, () => {
    ok(codesOf(lines).includes(code), JSON.stringify(codesOf(lines)));
  });
}

const AMBIGUOUS = [
  "yes",
  "No",
  "on",
  "OFF",
  "y",
  "n",
  "010",
  "-07",
  "1_000",
  "1:30",
  "0b11",
  "0o7",
];
const CLEAR = ["yesterday", "10", "0", "1.5", "a_b", "true", "12:99:99", "no way", "null"];

for (const text of AMBIGUOUS) {
  Deno.test(`SD-4 plain ${text} is told, quoted it is not`, () => {
    deepEqual(codesOf(`a: ${text}`), ["ambiguous-scalar"]);
    deepEqual(codesOf(`a: "${text}"`), []);
  });
}

for (const text of CLEAR) {
  Deno.test(`SD-4 plain ${text} is clear`, () => deepEqual(codesOf(`a: ${text}`), []));
}

Deno.test("SD-5 keys are text, whatever they look like", () => {
  deepEqual(valueOf("a: {1: x, true: y, ~: z, 0x1: w, __proto__: p}"), {
    "1": "x",
    true: "y",
    "~": "z",
    "0x1": "w",
    ["__proto__"]: "p",
  });
});

Deno.test("SD-2 empty documents and documents that are not Koreo's are left out", () => {
  const text =
    `---\n---\n# nothing\n---\napiVersion: v1\nkind: List\nx: {y: 1, y: 2}\n---\n${HEAD}a: 1\n...\n`;
  equal(readDocuments({ path: "a.yaml", text }).length, 1);
});

Deno.test("DG-2 what is broken in one document does not reach the next", () => {
  const text = `${HEAD}a: [1, {\n---\n${HEAD}a: "open\n---\n${HEAD}a: 3\n`;
  const documents = readDocuments({ path: "a.yaml", text });
  deepEqual(documents.map(({ diagnostics }) => diagnostics.length > 0), [true, true, false]);
  deepEqual(documents.map(({ place }) => place.line), [1, 4, 7]);
});

Deno.test("SD-3 a block scalar may hold lines that look like directives", () => {
  deepEqual(valueOf("a: |\n  %x\n  --- y\n"), "%x\n--- y\n");
});

Deno.test("DG-1 places are the same with a byte order mark and with CRLF", () => {
  const text = `${HEAD}a:\n- {b: 1, b: 2}\n`;
  const plain = readDocuments({ path: "a", text })[0]?.diagnostics;
  for (const changed of [`\uFEFF${text}`, text.replaceAll("\n", "\r\n")]) {
    const bytes = new TextEncoder().encode(changed);
    deepEqual(readDocuments({ path: "a", bytes })[0]?.diagnostics, plain);
  }
});

Deno.test("DG-1 bytes that are not UTF-8 are told with their line", () => {
  const bytes = new Uint8Array([...new TextEncoder().encode(`${HEAD}a: ü`), 0xff, 0xfe]);
  const [document] = readDocuments({ path: "a.yaml", bytes });
  deepEqual(document?.diagnostics.map(({ code, line, column }) => ({ code, line, column })), [
    { code: "yaml-syntax", line: 2, column: 5 },
  ]);
});

Deno.test("DG-1 columns count UTF-16 units", () => {
  const [document] = readDocuments({ path: "a", text: `${HEAD}"😀": {b: 1, b: 2}\n` });
  equal(document?.diagnostics[0]?.column, 14);
});

Deno.test("LM-2 a file of more than 16 MiB is one fault", () => {
  const [document] = readDocuments({ path: "a", bytes: new Uint8Array((16 << 20) + 1) });
  equal(document?.diagnostics[0]?.code, "document-too-large");
});

Deno.test("LM-2 a document of more than 1 MiB of UTF-8 stops itself only", () => {
  const big = `${HEAD}a: "${"ü".repeat(1 << 19)}"\n`;
  const documents = readDocuments({ path: "a", text: `${big}---\n${HEAD}a: 1\n` });
  deepEqual(documents.map(({ diagnostics }) => diagnostics[0]?.code), [
    "document-too-large",
    undefined,
  ]);
});

const DEEP = [
  ["flow lists", "[".repeat(10_000)],
  ["flow maps", "{a: ".repeat(10_000)],
  ["block lists", "- ".repeat(10_000)],
  ["explicit keys", "? ".repeat(10_000)],
  ["block maps", Array.from({ length: 400 }, (_, n) => `${" ".repeat(n + 1)}k:\n`).join("")],
] as const;

for (const [name, nested] of DEEP) {
  Deno.test(`LM-4 deep ${name} are refused`, () => {
    const codes = codesOf(`a:\n ${nested}`);
    ok(codes.includes("nesting-too-deep") || codes.includes("yaml-syntax"), JSON.stringify(codes));
  });
}

Deno.test("LM-4 exactly 100 levels are read", () => {
  const nested = (levels: number) => `a: ${"[".repeat(levels)}${"]".repeat(levels)}`;
  deepEqual(codesOf(nested(99)), []);
  deepEqual(codesOf(nested(100)), ["nesting-too-deep"]);
});

Deno.test("LM-4 aliases count as deep as what they repeat", () => {
  const lines = Array.from({ length: 60 }, (_, n) => `k${n}: &k${n} [[*k${n - 1}]]`).slice(1);
  deepEqual(codesOf(`k0: &k0 1\n${lines.join("\n")}\n`), ["nesting-too-deep"]);
});

Deno.test("LM-3 aliases of aliases are counted without being expanded", () => {
  const lines = Array.from({ length: 60 }, (_, n) => `k${n + 1}: &k${n + 1} [*k${n}, *k${n}]`);
  // Expanded, there would be more of them than anything could hold.
  deepEqual(codesOf(`k0: &k0 [1]\n${lines.join("\n")}\n`), ["too-many-aliases"]);
});

const WRONG_TAGS = [
  ["!!map [1]", 'Cannot use tag "!!map" here: it is not for such a value'],
  ["!!seq {b: 1}", 'Cannot use tag "!!seq" here: it is not for such a value'],
  ["!!str [1]", 'Cannot use tag "!!str" here: it is not for such a value'],
  ["!!map x", 'Cannot use tag "!!map" here: it is not for such a value'],
  ["!!int x", 'Cannot read x as "!!int"'],
  ["!!int 1.5", 'Cannot read 1.5 as "!!int"'],
  ["!!bool 1", 'Cannot read 1 as "!!bool"'],
  ["!!null x", 'Cannot read x as "!!null"'],
  ["!!float true", 'Cannot read true as "!!float"'],
] as const;

for (const [value, message] of WRONG_TAGS) {
  Deno.test(`SD-3 a core tag on what it is not for is told in its words: ${value}`, () => {
    const [document] = readDocuments({ path: "a.yaml", text: `${HEAD}a: ${value}\n` });
    deepEqual(document?.diagnostics.map((found) => found.message), [message]);
  });
}

const TOLD_ONCE = ["%TAG !z! tag:x:\n---\n!z!map\n- a\n", "--- !!map\n- a\n", "--- !foo text\n"];

for (const text of TOLD_ONCE) {
  Deno.test(`DG-2 a value that the tag refuses is told once: ${JSON.stringify(text)}`, () => {
    const { diagnostics } = compileProgram(readDocuments({ path: "a.yaml", text }));
    deepEqual(diagnostics.map(({ code }) => code), ["unsupported-yaml"]);
  });
}

Deno.test({
  name: "SD-3 documents are read without any permission",
  permissions: "none",
  fn: () => deepEqual(valueOf("a: [1, {b: x}]"), [1, { b: "x" }]),
});
