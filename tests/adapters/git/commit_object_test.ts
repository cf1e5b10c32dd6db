// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { headersOf, parseCommit } from "../../../src/adapters/git/commit_object.ts";

const TREE = "a".repeat(40);
const PARENT = "b".repeat(40);

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const CASES = [
  {
    name: "a commit with all that it may have",
    text: `tree ${TREE}\nparent ${PARENT}\nparent ${TREE}\n` +
      "author  Tess  Ter <tess@example.com> 1 +0000\n" +
      "committer Tom <tom@example.com> 1700000000 +0130\n\nGive every\n  team \n\nBecause\n",
    expected: {
      parents: [PARENT, TREE],
      author: " Tess  Ter",
      subject: "Give every team",
      committedAt: 1_700_000_000,
    },
  },
  {
    name: "a commit that says nothing",
    text: `tree ${TREE}\n`,
    expected: { parents: [], author: "", subject: "", committedAt: 0 },
  },
  {
    name: "an author without a name, and a time before 1970",
    text: `tree ${TREE}\nauthor <> 1 +0000\ncommitter x <x> -5 +0000\n\n\n\n x \n`,
    expected: { parents: [], author: "", subject: "x", committedAt: -5 },
  },
] as const;

for (const { name, text, expected } of CASES) {
  Deno.test(`parseCommit() reads ${name}`, () => {
    deepEqual(parseCommit("c", bytesOf(text)), { id: "c", tree: TREE, ...expected });
  });
}

const MANY = 400_000;
/** Each took minutes of a thread that could do nothing else, as its length counted twice. */
const ENDLESS = {
  "headers of one name": `tree ${TREE}\n${"a b\n".repeat(MANY)}\nx`,
  "spaces in a subject": `tree ${TREE}\n\nx${" ".repeat(MANY)}y`,
  "spaces in an author": `tree ${TREE}\nauthor x${" ".repeat(MANY)}y\n\nx`,
  "digits of a committer": `tree ${TREE}\ncommitter ${"1".repeat(MANY)}\n\nx`,
};

for (const [name, text] of Object.entries(ENDLESS)) {
  Deno.test(`parseCommit() takes no time over ${MANY} ${name}`, () => {
    const started = performance.now();
    equal(parseCommit("c", bytesOf(text)).tree, TREE);
    equal(performance.now() - started < 5_000, true);
  });
}

Deno.test("headersOf() looks at no more of a tag than there can be of headers", () => {
  const headers = headersOf(bytesOf(`object ${TREE}\n${"a b\n".repeat(1_000_000)}\nx`));
  equal(headers.get("object")?.[0], TREE);
  equal((headers.get("a")?.length ?? 0) < 300_000, true);
});
