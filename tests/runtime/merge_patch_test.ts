// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { JsonObject, JsonValue } from "../../src/language/mod.ts";
import { applyMergePatch, createMergePatch, jsonEqual } from "../../src/runtime/mod.ts";

// The examples of RFC 7386, appendix A, whose patch is a map.
const EXAMPLES: readonly (readonly [JsonValue, JsonObject, JsonObject])[] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

for (const [before, patch, after] of EXAMPLES) {
  Deno.test(`FT-23 merge patch ${JSON.stringify(patch)} of ${JSON.stringify(before)}`, () => {
    deepEqual(applyMergePatch(before, patch), after);
  });
}

const { value: json } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonValue>(true, 0, 1.5, "", "x"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), tie("value"), { maxKeys: 3 }),
  ),
}));
const map = fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), json, { maxKeys: 4 });

Deno.test("ST-1 the merge patch between two objects makes one of the other", () => {
  fc.assert(fc.property(map, map, (before, after) => {
    const patch = createMergePatch(before, after);
    const made = patch ? applyMergePatch(before, patch) : before;
    return jsonEqual(made, after);
  }));
});

Deno.test("ST-1 equal objects need no patch", () => {
  fc.assert(fc.property(map, (object) => {
    equal(createMergePatch(object, structuredClone(object)), undefined);
  }));
});

Deno.test("ST-1 a patch that is applied twice changes nothing more", () => {
  fc.assert(fc.property(map, map, (object, patch) => {
    const once = applyMergePatch(object, patch);
    return jsonEqual(applyMergePatch(once, patch), once);
  }));
});
