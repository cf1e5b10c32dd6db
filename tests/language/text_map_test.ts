// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { Document, parseDocument, Scalar } from "yaml";
import { readDocuments } from "../../src/language/mod.ts";
import { entryOf, type ScalarNode } from "../../src/language/source_node.ts";
import { fileOffsetOf, textMapOf } from "../../src/language/text_map.ts";

const HEAD = "apiVersion: koreo.dev/v1beta1\n";

function scalarOf(text: string, key = "a"): ScalarNode {
  const [document] = readDocuments({ path: "a", text });
  const node = entryOf(document?.root, key)?.value;
  if (node?.type !== "scalar") throw new TypeError(`Cannot find the scalar in ${text}`);
  return node;
}

/** Where the letters of the value stand: `letter@line:column`. */
function placesOf(text: string): string {
  const node = scalarOf(text);
  const map = textMapOf(text, node);
  const value = String(node.value);
  return [...value].flatMap((letter, index) => {
    if (!/[A-Za-z]/.test(letter)) return [];
    const before = text.slice(0, fileOffsetOf(map, index)).split("\n");
    return [`${letter}@${before.length}:${(before.at(-1)?.length ?? 0) + 1}`];
  }).join(" ");
}

const STYLES: readonly (readonly [string, string, string])[] = [
  ["plain", "a: =x + y\n", "x@2:5 y@2:9"],
  ["plain on several lines", "a: =x +\n   y\n\n   z\n", "x@2:5 y@3:4 z@5:4"],
  ["single quoted", "a: '=x + ''y'''\n", "x@2:6 y@2:12"],
  ["single quoted on several lines", "a: '=x\n\n  y'\n", "x@2:6 y@4:3"],
  ["double quoted", 'a: "=x \\"y\\" \\u0041z"\n', "x@2:6 y@2:10 A@2:14 z@2:20"],
  ["double quoted with an escaped break", 'a: "=x \\\n   y"\n', "x@2:6 y@3:4"],
  ["literal", "a: |\n  =x\n    y\n\n  z\n", "x@3:4 y@4:5 z@6:3"],
  ["literal with an indentation indicator", "a: |2-\n    =x\n  y\n", "x@3:6 y@4:3"],
  ["folded", "a: >-\n  =x\n  y\n\n  z\n   w\n  v\n", "x@3:4 y@4:3 z@6:3 w@7:4 v@8:3"],
  ["folded with CRLF", "a: >-\r\n  =x\r\n  y\r\n", "x@3:4 y@4:3"],
];

for (const [style, lines, expected] of STYLES) {
  Deno.test(`DG-1 characters of a ${style} scalar are found in the file`, () => {
    equal(placesOf(`${HEAD}${lines}`), expected);
  });
}

function isReadBack(text: string, value: string): boolean {
  const document = parseDocument(text);
  return document.errors.length === 0 && document.get("a") === value;
}

const TYPES = ["PLAIN", "QUOTE_SINGLE", "QUOTE_DOUBLE", "BLOCK_LITERAL", "BLOCK_FOLDED"] as const;

Deno.test("DG-1 in every style every letter of a value is mapped to itself", () => {
  const letters = fc.constantFrom(
    "a",
    "B",
    "z",
    " ",
    "\n",
    "\t",
    "'",
    '"',
    "\\",
    "#",
    ":",
    "é",
    "x y",
    "\n\n  ",
  );
  const texts = fc.array(letters, { maxLength: 40 }).map((parts) => `=a${parts.join("")}`);
  fc.assert(
    fc.property(
      texts,
      fc.constantFrom(...TYPES),
      fc.integer({ min: 20, max: 60 }),
      (value, type, lineWidth) => {
        const document = new Document({ apiVersion: "koreo.dev/v1beta1" });
        const scalar = new Scalar(value);
        scalar.type = type;
        document.set("a", scalar);
        const text = document.toString({ lineWidth, minContentWidth: 10 });
        // The library does not write every text in every style in a form that it can read.
        fc.pre(isReadBack(text, value));
        const node = scalarOf(text);
        equal(node.value, value);
        const map = textMapOf(text, node);
        const found = [...value].map((letter, index) =>
          /[A-Za-zé]/.test(letter) ? text[fileOffsetOf(map, index)] : letter
        );
        deepEqual(found, [...value]);
      },
    ),
    { numRuns: 400 },
  );
});
