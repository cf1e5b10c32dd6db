// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { nameOddity, parseTree, TreeFormatError } from "../../src/adapters/git/tree_entries.ts";
import { endsSoon } from "../thread_use.ts";
import { fuzzRuns } from "./fuzz_runs.ts";

interface Line {
  readonly mode: string;
  readonly name: string;
  readonly id: Uint8Array;
}

function bytesOf(lines: readonly Line[]): Uint8Array {
  const encoder = new TextEncoder();
  return new Uint8Array(
    lines.flatMap(({ mode, name, id }) => [...encoder.encode(`${mode} ${name}`), 0, ...id]),
  );
}

const IDS = fc.uint8Array({ minLength: 20, maxLength: 20 });
const NAMES = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    "..",
    ".git",
    "GIT~1",
    ".git::$INDEX_ALLOCATION",
    ".gıt",
    "a/b",
    "a\\b",
    "\u202eyaml.k",
    "\ufeffa",
    "__proto__",
    "constructor",
    "con",
    "K.yaml",
    "k.yaml",
    "é.yaml",
    "e\u0301.yaml",
    " ",
  ),
).filter((name) => !name.includes("\0") && name.isWellFormed());
const LINES = fc.array(
  fc.record({
    mode: fc.constantFrom("40000", "100644", "100755", "120000", "160000", "1", "", "777777"),
    name: NAMES,
    id: IDS,
  }),
  { maxLength: 12 },
);

Deno.test("SD-1 no bytes make the reader of a tree fail other than with its own error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        for (const { name, oddity } of parseTree(bytes)) ok(oddity !== undefined || name !== "");
      } catch (error) {
        ok(error instanceof TreeFormatError, String(error));
      }
    }),
    fuzzRuns(2000),
  );
});

Deno.test("SD-1 every entry of a tree is read back, whatever its name", () => {
  fc.assert(
    fc.property(LINES, (lines) => {
      const entries = parseTree(bytesOf(lines));
      deepEqual(entries.map(({ name }) => name), lines.map(({ name }) => name));
      const trusted = entries.filter(({ oddity }) => oddity === undefined).map(({ name }) => name);
      ok(
        new Set(trusted.map((name) => name.normalize("NFC").toLowerCase())).size === trusted.length,
      );
      ok(trusted.every((name) => nameOddity(name) === undefined && !/[/\\]|^\.\.?$/.test(name)));
    }),
    fuzzRuns(1000),
  );
});

Deno.test("SD-1 a tree that is cut off anywhere is refused, and so is one without an end", () => {
  fc.assert(
    fc.property(LINES, fc.nat(), (lines, at) => {
      const bytes = bytesOf(lines);
      const lengths = lines.map((line) => bytesOf([line]).length);
      const ends = lengths.reduce((all, each) => [...all, (all.at(-1) ?? 0) + each], [0]);
      const cut = at % (bytes.length + 1);
      if (ends.includes(cut)) parseTree(bytes.subarray(0, cut));
      else throws(() => parseTree(bytes.subarray(0, cut)), TreeFormatError);
    }),
    fuzzRuns(1000),
  );
});

Deno.test("SD-1 a tree of 100,000 entries is read in bounded time", () => {
  const id = new Uint8Array(20);
  const lines = Array.from(
    { length: 100_000 },
    (_, n) => ({ mode: "100644", name: `f${n}.yaml`, id }),
  );
  const encoder = new TextEncoder();
  const parts = lines.map(({ mode, name }) =>
    encoder.encode(`${mode} ${name}\0${"\0".repeat(20)}`)
  );
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  equal(endsSoon(() => parseTree(bytes)).length, lines.length);
});
