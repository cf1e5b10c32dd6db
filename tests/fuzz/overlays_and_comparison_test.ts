// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  createBudget,
  isFailure,
  isJsonObject,
  type JsonObject,
  jsonObject,
  type JsonValue,
} from "../../src/language/mod.ts";
import { compareObjects } from "../../src/runtime/compare.ts";
import { findRemovals } from "../../src/runtime/removals.ts";
import { compiled } from "../language/definitions.ts";
import { endsSoon } from "../thread_use.ts";
import { fuzzRuns } from "./fuzz_runs.ts";

const KEYS = fc.constantFrom(
  "a",
  "b",
  "metadata",
  "name",
  "annotations",
  "ownerReferences",
  "__proto__",
  "constructor",
  "",
  "x-koreo-compare-as-set",
  "x-koreo-compare-as-map",
  "x-koreo-compare-last-applied",
);

const SCALARS = fc.constantFrom<JsonValue>(
  null,
  true,
  0,
  1,
  1.5,
  -0,
  9223372036854775807n,
  "",
  "a",
  "b",
  "=resource",
  "=resource.a",
  "=inputs.missing",
  "=1 +",
);

const { map: MAPS, value: VALUES } = fc.letrec<{ value: JsonValue; map: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    SCALARS,
    tie("map"),
    fc.array(tie("value"), { maxLength: 4 }),
  ),
  map: fc.array(fc.tuple(KEYS, tie("value")), { maxLength: 5 }).map((entries) =>
    jsonObject(entries)
  ),
}));

function deep(levels: number): JsonObject {
  let value: JsonObject = { a: 1 };
  for (let level = 0; level < levels; level++) {
    value = level % 2 === 0 ? { a: value } : { "x-koreo-compare-as-set": ["a"], a: [value] };
  }
  return value;
}

Deno.test("EX-51 no overlay on any base throws, and the base stays as it was", () => {
  fc.assert(
    fc.property(MAPS, MAPS, (over, base) => {
      const text = JSON.stringify(
        { z: 1, ...over },
        (_key, value) => typeof value === "bigint" ? Number(value) : value,
      );
      // A text that is no expression makes the Function broken, which is told elsewhere.
      fc.pre(!text.includes("=1 +") && !text.includes("x-koreo"));
      const { return: overlay } = compiled("ValueFunction", `return: ${text}`);
      const before = structuredClone(base);
      const made = overlay?.apply(base, { resource: base, inputs: {}, locals: {} }, createBudget());
      deepEqual(base, before);
      ok(made === undefined || isFailure(made) || isJsonObject(made));
      equal(({} as Record<string, unknown>)["z"], undefined);
    }),
    fuzzRuns(400),
  );
});

Deno.test("DF-1 no two objects make the comparison throw, and none differs from itself", () => {
  const others = fc.oneof(MAPS, fc.constant(undefined));
  fc.assert(
    fc.property(MAPS, MAPS, others, (target, live, lastApplied) => {
      compareObjects(target, live, lastApplied);
      const plain = withoutDirectives(target);
      equal(compareObjects(plain, plain, undefined), undefined);
    }),
    fuzzRuns(2000),
  );
});

function withoutDirectives(value: JsonObject): JsonObject {
  const clean = (each: JsonValue): JsonValue =>
    Array.isArray(each) ? each.map(clean) : isJsonObject(each) ? withoutDirectives(each) : each;
  return jsonObject(
    Object.keys(value).filter((key) => !key.startsWith("x-koreo"))
      .map((key) => [key, clean(value[key] ?? null)] as const),
  );
}

Deno.test("DF-30 no three objects make the search for removals throw", () => {
  const paths = fc.array(fc.array(KEYS, { maxLength: 3 }), { maxLength: 3 });
  fc.assert(
    fc.property(MAPS, MAPS, MAPS, paths, (target, live, lastApplied, kept) => {
      const found = findRemovals({ target, live, lastApplied }, kept);
      ok(found === undefined || isJsonObject(found.patch));
      equal(
        findRemovals({ target: lastApplied, live, lastApplied: withoutDirectives(target) }, [[]]),
        undefined,
      );
      equal(Object.keys({}).length, 0);
    }),
    fuzzRuns(1500),
  );
});

Deno.test("DF-1 objects as deep as the language allows are compared", () => {
  for (const levels of [10, 49, 99]) {
    const value = deep(levels);
    compareObjects(value, deep(levels), deep(levels));
    findRemovals({ target: {}, live: value, lastApplied: deep(levels) });
    findRemovals({ target: value, live: value, lastApplied: deep(levels) });
  }
});

Deno.test("DF-21 DF-22 large lists are compared as sets and maps in bounded time", () => {
  const count = 5_000;
  const items = (from: number) =>
    Array.from({ length: count }, (_, n) => ({ name: `n${n + from}`, v: n }));
  const names = (from: number) => Array.from({ length: count }, (_, n) => `n${n + from}`);
  const asMap = { "x-koreo-compare-as-map": { l: ["name"] }, l: items(0) };
  const asSet = { "x-koreo-compare-as-set": ["l"], l: names(0) };
  endsSoon(() => {
    compareObjects(asMap, { l: items(0).toReversed() }, { l: items(1) });
    compareObjects(asSet, { l: names(0).toReversed() }, undefined);
    findRemovals({ target: asMap, live: { l: items(0) }, lastApplied: asMap });
  });
});

Deno.test("DF-1 any values in the place of a list are compared, whatever the directive says", () => {
  fc.assert(
    fc.property(VALUES, VALUES, VALUES, VALUES, (directive, target, live, lastApplied) => {
      for (const name of ["set", "map"].map((each) => `x-koreo-compare-as-${each}`)) {
        const both = { [name]: directive, a: target };
        compareObjects(both, { a: live }, { a: lastApplied });
        findRemovals({ target: both, live: { a: live }, lastApplied: { ...both, a: lastApplied } });
      }
    }),
    fuzzRuns(800),
  );
});
