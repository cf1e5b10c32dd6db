// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  createBudget,
  isFailure,
  type JsonObject,
  jsonObject,
  type JsonValue,
  type Overlay,
  type Template,
  type Value,
  type Variables,
} from "../../src/language/mod.ts";
import { compiled } from "./definitions.ts";

function overlayOf(spec: string): Overlay {
  const { return: overlay } = compiled("ValueFunction", spec);
  if (overlay === undefined) throw new TypeError("Cannot find the overlay");
  return overlay;
}

function applied(spec: string, base: JsonObject, variables: Variables = {}): unknown {
  return overlayOf(spec).apply(base, { resource: base, inputs: {}, ...variables }, createBudget());
}

function templateOf(spec: string): Template {
  const { base } = compiled(
    "ResourceFunction",
    `apiConfig: {apiVersion: v1, kind: A, name: a, namespace: b}\nresource:\n  ${
      spec.replaceAll("\n", "\n  ")
    }`,
  );
  if (base.type !== "resource") throw new TypeError("Cannot find the template");
  return base.template;
}

const OVERLAYS: readonly (readonly [string, string, JsonObject, JsonValue])[] = [
  [
    "the example of the chapter",
    "return: {a: {x: =resource.c}, b: [9], d: {e: {}}, a2: =resource.a}",
    { a: { x: 1, y: 2 }, b: [1, 2], c: 3 },
    { a: { x: 3, y: 2 }, b: [9], c: 3, d: { e: {} }, a2: { x: 1, y: 2 } },
  ],
  ["an empty map replaces", "return: {a: {}}", { a: { x: 1 } }, { a: {} }],
  ["a leaf null sets null", "return: {a: null}", { a: { x: 1 } }, { a: null }],
  ["a map descends into a scalar", "return: {a: {b: 1}}", { a: "text" }, { a: { b: 1 } }],
  ["a map descends into a list", "return: {a: {b: 1}}", { a: [1] }, { a: { b: 1 } }],
  [
    "an expression replaces the whole map",
    "return: {a: '={\"z\": 1}'}",
    { a: { x: 1 } },
    { a: { z: 1 } },
  ],
  [
    "expressions see the base as it was",
    "return: {a: =resource.b, b: =resource.a}",
    { a: 1, b: 2 },
    { a: 2, b: 1 },
  ],
  [
    "expressions stand inside lists",
    "return: {a: [1, {b: =resource.x}, [=resource.x]]}",
    { x: 5 },
    { x: 5, a: [1, { b: 5 }, [5]] },
  ],
  ["a key __proto__ is a key", "return: {__proto__: {x: =1}}", {}, { ["__proto__"]: { x: 1 } }],
];

for (const [name, spec, base, expected] of OVERLAYS) {
  Deno.test(`EX-51 overlay: ${name}`, () => {
    const before = structuredClone(base);
    deepEqual(applied(spec, base), expected);
    deepEqual(base, before);
  });
}

Deno.test("EX-51 keys keep the base's order and new ones follow", () => {
  const result = applied("return: {z: 1, b: =2, x: 3, a: 4}", { a: 0, b: 0, c: 0 });
  deepEqual(Object.keys(result as JsonObject), ["a", "b", "c", "z", "x"]);
});

Deno.test("EX-51 what an overlay does not touch is shared with the base", () => {
  const base = { kept: { deep: [1, 2, 3] }, changed: { inner: { x: 1 }, other: { y: 1 } } };
  const result = applied("return: {changed: {inner: {x: =2}}}", base) as typeof base;
  equal(result.kept, base.kept);
  equal(result.changed.other, base.changed.other);
});

Deno.test("EX-52 an overlay tells the paths of its leaves in document order", () => {
  deepEqual(overlayOf("return: {a: {b: 1, c: {}}, d: =1, e: [1]}").leafPaths, [
    ["a", "b"],
    ["a", "c"],
    ["d"],
    ["e"],
  ]);
});

Deno.test("EX-50 a template without expressions is one constant, evaluated to itself", () => {
  const template = templateOf("{a: [1, {b: x}], c: '1'}");
  deepEqual(template.constant, { a: [1, { b: "x" }], c: "1" });
  equal(template.evaluate({}, createBudget()), template.constant);
});

Deno.test("EX-50 constant parts are shared between evaluations, the rest is new", () => {
  const template = templateOf("{fixed: {a: [1]}, made: {x: =inputs.x}}");
  const [one, two] = [1, 2].map((x) =>
    template.evaluateJson({ inputs: { x } }, createBudget()) as { fixed: object; made: object }
  );
  equal(one?.fixed, two?.fixed);
  deepEqual([one?.made, two?.made], [{ x: 1 }, { x: 2 }]);
});

Deno.test("EX-1 all leading = are removed; a literal = is written as an expression", () => {
  const template = templateOf("{a: ==1, b: \"='=text'\", c: 'a=b'}");
  deepEqual(template.evaluateJson({}, createBudget()), { a: 1, b: "=text", c: "a=b" });
});

Deno.test("EX-2 text without = is taken character by character", () => {
  const template = templateOf('{a: \'x\\n"y"\', b: "1", c: "nan"}');
  deepEqual(template.constant, { a: 'x\\n"y"', b: "1", c: "nan" });
});

Deno.test("EX-40 the first failing leaf in document order ends the evaluation", () => {
  const result = templateOf("a: [=inputs.x, =inputs.y]\nb: =inputs.z")
    .evaluate({ inputs: { x: 1 } }, createBudget());
  ok(isFailure(result));
  equal(result.expression, "inputs.y");
  equal(result.isMissing, true);
});

Deno.test("EX-41 a failure tells where the failing part stands, also in a folded scalar", () => {
  const result = templateOf("a: >-\n  =inputs.x +\n  inputs.y +\n  inputs.gone.deep")
    .evaluate({ inputs: { x: 1, y: 2 } }, createBudget());
  ok(isFailure(result));
  deepEqual(result.source, { file: "1.k.yaml", line: 10, column: 7 });
});

Deno.test("EX-22 a value that cannot become JSON fails where JSON is wanted", () => {
  const template = templateOf("a: =duration('1h')\nb: =optional.none()");
  const value = template.evaluate({}, createBudget()) as Value;
  ok(!isFailure(value));
  ok(isFailure(template.evaluateJson({}, createBudget())));
});

Deno.test("EX-21 times become text where JSON is wanted", () => {
  deepEqual(templateOf("a: =duration('90m')").evaluateJson({}, createBudget()), { a: "5400s" });
});

Deno.test("EX-51 a value of a user that looks like a failure is a value", () => {
  const looksLike = { type: "failure", reason: "no", isMissing: false };
  deepEqual(applied("return: {a: =resource.x}", { x: looksLike }), { x: looksLike, a: looksLike });
});

const keys = fc.constantFrom("a", "b", "c", "d", "__proto__", "x-y");
const { literal } = fc.letrec<{ literal: JsonValue; map: JsonObject }>((tie) => ({
  literal: fc.oneof(
    { maxDepth: 4 },
    fc.integer({ min: -5, max: 5 }),
    fc.constantFrom(null, true, "t"),
    fc.array(tie("literal"), { maxLength: 2 }),
    tie("map"),
  ),
  map: fc.array(fc.tuple(keys, tie("literal")), { maxLength: 4 }).map((entries) =>
    jsonObject(entries)
  ),
}));
const maps = fc.array(fc.tuple(keys, literal), { maxLength: 4 }).map((entries) =>
  jsonObject(entries)
);

function literalOverlay(value: JsonObject): (base: JsonObject) => JsonObject {
  const overlay = overlayOf(`return: ${JSON.stringify({ ...value, always: 1 })}`);
  return (base) => overlay.apply(base, {}, createBudget()) as JsonObject;
}

Deno.test("EX-51 an overlay applied twice gives what it gives once", () => {
  fc.assert(
    fc.property(maps, maps, (base, over) => {
      const apply = literalOverlay(over);
      deepEqual(apply(apply(base)), apply(base));
    }),
    { numRuns: 150 },
  );
});

Deno.test("EX-51 an overlay on nothing gives itself", () => {
  fc.assert(
    fc.property(maps, (over) => {
      deepEqual(literalOverlay(over)({}), { ...over, always: 1 });
    }),
    { numRuns: 150 },
  );
});

Deno.test("EX-51 keys that an overlay does not name stay as they were", () => {
  fc.assert(
    fc.property(maps, maps, (base, over) => {
      const result = literalOverlay(over)(base);
      for (const key of Object.keys(base)) {
        if (!Object.hasOwn(over, key)) equal(result[key], base[key]);
      }
    }),
    { numRuns: 150 },
  );
});
