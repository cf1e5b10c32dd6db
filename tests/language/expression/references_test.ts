// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { callsOf, constantPatternsOf, referencesOf } from "../../../src/language/mod.ts";
import { parsed } from "./evaluate.ts";

/** References as text: a dotted path, `?` in front when it is tolerant. */
const REFERENCES = [
  ["inputs.a.b + locals['c'].d", ["inputs.a.b", "locals.c.d"]],
  ["inputs", ["inputs"]],
  ["steps[0].x", ["steps"]],
  ["inputs[inputs.key].y", ["inputs", "inputs.key"]],
  ["inputs.l[locals.i].y", ["inputs.l", "locals.i"]],
  ["has(inputs.a.b)", ["?inputs.a.b"]],
  ["has(inputs.a[locals.k])", ["?inputs.a", "locals.k"]],
  ["inputs.?a.b", ["?inputs.a.b"]],
  ["inputs[?'a']", ["?inputs.a"]],
  ["inputs.a.?b", ["inputs.a.b"]],
  ["inputs.l.map(x, x.name + inputs.suffix)", ["inputs.l", "inputs.suffix"]],
  ["inputs.l.map(inputs, inputs.x)", ["inputs.l"]],
  ["inputs.l.map(x, inputs.f, x)", ["inputs.l", "inputs.f"]],
  ["x.map(x, x)", ["x"]],
  ["l.reduce(a, x, inputs.i, a + x + y)", ["l", "inputs.i", "y"]],
  ["inputs.?a.optMap(v, v.x)", ["?inputs.a"]],
  ["[1].map(inputs, .inputs.x)", ["inputs.x"]],
  ["type(inputs.a) == int", ["inputs.a"]],
  ["{'k': inputs.a, inputs.b: [inputs.c]}", ["inputs.a", "inputs.b", "inputs.c"]],
  ["f(inputs.a).b.c", ["inputs.a"]],
  ["a ? b.x : !c.y && -d.z == 1", ["a", "b.x", "c.y", "d.z"]],
] as const;

for (const [source, expected] of REFERENCES) {
  Deno.test(`EX-14 ${source} uses ${expected.join(", ")}`, () => {
    const found = referencesOf(parsed(source));
    deepEqual(
      found.map(({ root, path, isTolerant }) =>
        (isTolerant ? "?" : "") + [root, ...path].join(".")
      ),
      expected,
    );
  });
}

Deno.test("EX-14 a reference knows where it stands", () => {
  const source = "1 + inputs['a'].b[0]";
  const [reference] = referencesOf(parsed(source));
  const cut = (span?: { start: number; end: number }) => source.slice(span?.start, span?.end);
  deepEqual([cut(reference?.span), cut(reference?.nameSpan)], ["inputs['a'].b", "'a'"]);
});

Deno.test("DG-7 calls are found with their form and number of arguments", () => {
  const source = "size(a) + b.split(',').c(1, 2).map(x, f()) + optional.of(1).or(g(2))";
  deepEqual(
    callsOf(parsed(source)).map(({ name, argCount, isMethod }) => [name, argCount, isMethod]),
    [
      ["size", 1, false],
      ["split", 1, true],
      ["c", 2, true],
      ["f", 0, false],
      ["optional.of", 1, false],
      ["or", 1, true],
      ["g", 1, false],
    ],
  );
});

Deno.test("bad-pattern finds constant patterns that are not valid", () => {
  const source = "a.matches('(') || matches(b, '^x$') || a.matches(p)";
  const patterns = constantPatternsOf(parsed(source));
  deepEqual(patterns.map(({ pattern }) => pattern), ["(", "^x$"]);
  equal(patterns[0]?.problem, '")" is missing');
  equal(patterns[1]?.problem, undefined);
  equal(source.slice(patterns[0]?.span.start, patterns[0]?.span.end), "'('");
});
