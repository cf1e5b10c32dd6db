// SPDX-License-Identifier: Apache-2.0

import { equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { nameOddity, parseTree, TreeFormatError } from "../../../src/adapters/git/tree_entries.ts";

const ODD = ["", ".", "..", ".git", ".GIT", ".git ", ".git.", "git~1", ".git::$INDEX_ALLOCATION"];
const ORDINARY = [
  "a.yaml",
  ".github",
  ".gitignore",
  "git",
  "übung.yaml",
  "a b.yaml",
  "...",
  "日本",
];

for (const name of ODD) {
  Deno.test(`Name ${JSON.stringify(name)} is odd`, () => equal(typeof nameOddity(name), "string"));
}
for (const name of ORDINARY) {
  Deno.test(`Name ${JSON.stringify(name)} is ordinary`, () => equal(nameOddity(name), undefined));
}

Deno.test("parseTree() reads or refuses any bytes and does nothing else", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    try {
      parseTree(bytes);
    } catch (error) {
      equal(error instanceof TreeFormatError, true);
    }
  }));
});

Deno.test("parseTree() refuses a tree that stops within an entry", () => {
  throws(() => parseTree(new TextEncoder().encode("100644 a\0short")), TreeFormatError);
});

Deno.test("parseTree() keeps nothing of a name that no file system takes", () => {
  const entry = (name: string) => [...new TextEncoder().encode(`100644 ${name}\0`), ...zeros];
  const zeros = new Uint8Array(20);
  const names = ["n".repeat(255), "n".repeat(1_000_000)];
  const [long, tooLong] = parseTree(new Uint8Array(names.flatMap(entry)));
  equal(long?.oddity, undefined);
  equal(tooLong?.oddity, "the name has 1000000 bytes, more than 255");
  equal(tooLong?.name.length, 255);
});
