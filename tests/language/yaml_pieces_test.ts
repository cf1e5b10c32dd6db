// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { Composer, type CST, Parser, Schema, stringify } from "yaml";
import { drain, readDocuments } from "../../src/language/mod.ts";
import { createSourceText } from "../../src/language/source_text.ts";
import { composePieces, composerLike, type FirstItems } from "../../src/language/yaml_pieces.ts";
import { convertYaml } from "../../src/language/yaml_tree.ts";

const READING = {
  schema: new Schema({ schema: "failsafe", resolveKnownTags: false }),
  uniqueKeys: false,
  prettyErrors: false,
  keepSourceTokens: true,
} as const;

/** The trees of a text, and where what is wrong with it stands; cut in pieces of `size` tokens. */
function read(text: string, size?: number) {
  const faults: string[] = [];
  const composer = new Composer(READING);
  const tell = (at: CST.Token | number, code: string) =>
    void faults.push(
      `${typeof at === "object" && "offset" in at ? at.offset : String(at)} ${code}`,
    );
  Reflect.set(composer, "onError", tell);
  const pieces = new Map<unknown, FirstItems>();
  const documents = [];
  for (const token of new Parser().parse(text)) {
    if (token.type === "error") {
      faults.push(`${token.offset} ${token.message}`);
      continue;
    }
    if (token.type === "document" && size !== undefined) {
      const compose = (piece: CST.Document) => {
        const other = composerLike(composer, READING);
        return [...other.next(piece), ...other.end()][0]?.contents ?? null;
      };
      for (const [cut, items] of drain(composePieces(token, compose, size))) pieces.set(cut, items);
    }
    documents.push(...composer.next(token));
  }
  documents.push(...composer.end());
  const source = createSourceText("a.yaml", text);
  const trees = documents.map(({ contents }) => drain(convertYaml(contents, source, pieces)));
  return { trees, faults: faults.toSorted(), cuts: pieces.size };
}

const TEXTS: Readonly<Record<string, string>> = {
  "a map": "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n",
  "a list": "- a\n- b\n-\n- c\n- - d\n  - e\n  - f\n  - g\n",
  "maps in lists in maps":
    "a:\n  b:\n  - c: 1\n    d: 2\n    e: 3\n  - f\n  - g\n  h:\n    i: 1\n    j: 2\n",
  "comments between items":
    "a: 1\n# one\nb: 2 # two\n\n# three\nc:\n  # four\n  d: 1\n  # five\n  e: 2\nf: 3\n",
  "anchors, aliases and merge keys":
    "a: &x\n  b: 1\n  c: 2\n  d: 3\ne: *x\nf:\n  <<: *x\n  g: &y 1\n  h: *y\n",
  "tags of a directive":
    "%TAG !k! tag:yaml.org,2002:\n---\na: !k!str 1\nb: !k!str 2\nc: !k!int 3\nd: !other 4\n",
  "a tag and an anchor on a collection": "a: !!map &m\n  b: 1\n  c: 2\n  d: 3\n  e: 4\nf: *m\n",
  "keys that are missing or explicit": "? a\n: b\n? c\n: d\n: e\nf:\n? g\nh: 1\n",
  "wrong indents": "a:\n    b: 1\n   c: 2\n    d: 3\n  e: 4\nf: 5\n   g: 6\nh: 7\n",
  "a key without a value": "a: 1\nb\nc: 2\nd: 3\ne\n",
  "block scalars": "a: |\n  x\n  y\nb: >-\n  z\nc: 1\nd: |+\n\n  w\n\ne: 2\n",
  "flow collections": "a: {b: 1, c: [2, 3]}\nd: [1,\n  2, 3]\ne: {f: 1}\ng: 1\n",
  "several documents": "a: 1\nb: 2\nc: 3\n---\nd: 1\ne: 2\nf: 3\n...\n- g\n- h\n- i\n",
};

for (const [name, text] of Object.entries(TEXTS)) {
  Deno.test(`${name}: composed in pieces it is what it is as a whole`, () => {
    const whole = read(text);
    for (const size of [1, 2, 3, 5]) {
      const { cuts, ...made } = read(text, size);
      deepEqual({ ...made, cuts: 0 }, whole);
      if (size === 1) equal(cuts > 0, true);
    }
  });
}

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<unknown>(1, "x", null, true, "a b", "# no", "l1\nl2\n", ""),
    fc.array(tie("value"), { maxLength: 6 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "d e", "f", "g", "1"), tie("value"), {
      maxKeys: 6,
    }),
  ),
})).value;

interface Slip {
  readonly at: number;
  readonly removed: number;
  readonly added: string;
}

/** What befalls a text: some of it is left out, or something else stands there. */
const slips: fc.Arbitrary<readonly Slip[]> = fc.array(
  fc.record({
    at: fc.nat(400),
    removed: fc.nat(3),
    added: fc.constantFrom(
      "",
      " ",
      "\n",
      ":",
      "-",
      "? ",
      "{",
      "]",
      "&x ",
      "*x",
      "!t ",
      "\t",
      "|",
      "'",
    ),
  }),
  { maxLength: 4 },
);

function withSlips(value: unknown, found: readonly Slip[]): string {
  return found.reduce(
    (text, { at, removed, added }) => text.slice(0, at) + added + text.slice(at + removed),
    stringify(value),
  );
}

Deno.test("any text composed in pieces is what it is as a whole, or broken as it is as a whole", () => {
  fc.assert(
    fc.property(values, slips, fc.integer({ min: 1, max: 8 }), (value, found, size) => {
      const text = withSlips(value, found);
      const { cuts: _, ...whole } = read(text);
      const { cuts: _cuts, ...made } = read(text, size);
      // What the library makes of a broken text is no more than a guess; that it is broken is not.
      if (whole.faults.length === 0) deepEqual(made, whole);
      else equal(made.faults.length > 0, true);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a document as large as it may be is read as it is in one piece", () => {
  const lines = Array.from({ length: 9_000 }, (_, index) => `    k${index}: {a: ${index}}`);
  const text = `apiVersion: koreo.dev/v1beta1\nkind: ResourceTemplate\nspec:\n  template:\n${
    lines.join("\n")
  }\n  context: {b: 1}\n`;
  const { cuts, ...whole } = read(text);
  equal(cuts, 0);
  const [document] = readDocuments({ path: "a.yaml", text });
  deepEqual(document?.root, whole.trees[0]?.root);
});
