// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import type { JsonObject } from "../../src/language/mod.ts";
import { compareObjects, differenceText } from "../../src/runtime/mod.ts";

interface Case {
  readonly rule: string;
  readonly name: string;
  readonly target: JsonObject;
  readonly live: JsonObject;
  readonly lastApplied?: JsonObject;
  /** `undefined`: no difference. */
  readonly expected: string | undefined;
}

const SET = "x-koreo-compare-as-set";
const MAP = "x-koreo-compare-as-map";
const LAST = "x-koreo-compare-last-applied";

const CASES: readonly Case[] = [
  {
    rule: "DF-1",
    name: "ignores what only the live object has",
    target: { a: 1 },
    live: { a: 1, z: 2 },
    expected: undefined,
  },
  {
    rule: "DF-1",
    name: "reports the first difference in the order of the target",
    target: { b: 1, a: 1 },
    live: { a: 2, b: 2 },
    expected: "'b' -> <target:[1], resource:[2]>",
  },
  {
    rule: "DF-1",
    name: "names keys and indexes, outermost first",
    target: { spec: { ports: [{ port: 80 }] } },
    live: { spec: { ports: [{ port: 81 }] } },
    expected: "'spec' -> 'ports' -> at index '0' -> 'port' -> <target:[80], resource:[81]>",
  },
  {
    rule: "DF-2",
    name: "does not compare owner references at any depth",
    target: { metadata: { ownerReferences: [1] }, ownerReferences: 1 },
    live: { metadata: { ownerReferences: [] } },
    expected: undefined,
  },
  {
    rule: "DF-3",
    name: "reports an absent key",
    target: { spec: { a: {} } },
    live: { spec: {} },
    expected: "'spec' -> <missing 'a' in resource>",
  },
  {
    rule: "DF-3",
    name: "takes null and an absent key as equal",
    target: { a: null },
    live: {},
    expected: undefined,
  },
  {
    rule: "DF-4",
    name: "takes null and null as equal",
    target: { a: null },
    live: { a: null },
    expected: undefined,
  },
  {
    rule: "DF-5",
    name: "reports null against anything else by type",
    target: { a: null },
    live: { a: 5 },
    expected: "'a' -> <target:null, resource:number>",
  },
  {
    rule: "DF-6",
    name: "reports anything against null",
    target: { a: "x" },
    live: { a: null },
    expected: "'a' -> <target:string, resource:null or missing>",
  },
  {
    rule: "DF-7",
    name: "reports lists of different lengths",
    target: { l: [1, 2] },
    live: { l: [1, 2, 3] },
    expected: "'l' -> <length mismatch target:2, actual:3",
  },
  {
    rule: "DF-8",
    name: "reports a map against another kind",
    target: { a: {} },
    live: { a: [] },
    expected: "'a' -> <target:object, resource:array>",
  },
  {
    rule: "DF-8",
    name: "reports a list against another kind",
    target: { a: [] },
    live: { a: "x" },
    expected: "'a' -> <target:array, resource:string>",
  },
  {
    rule: "DF-8",
    name: "reports a scalar against a map",
    target: { a: 1 },
    live: { a: {} },
    expected: "'a' -> <target:number, resource:object>",
  },
  {
    rule: "DF-9",
    name: "compares bools by value",
    target: { a: true },
    live: { a: false },
    expected: "'a' -> <target:[true], resource:[false]>",
  },
  {
    rule: "DF-9",
    name: "keeps bool and number apart",
    target: { a: true },
    live: { a: 1 },
    expected: "'a' -> <target:bool, resource:number>",
  },
  {
    rule: "DF-9",
    name: "keeps string and bool apart",
    target: { a: "true" },
    live: { a: true },
    expected: "'a' -> <target:string, resource:bool>",
  },
  {
    rule: "DF-10",
    name: "compares numbers by value",
    target: { a: 1n },
    live: { a: 1 },
    expected: undefined,
  },
  {
    rule: "DF-10",
    name: "keeps large whole numbers apart",
    target: { a: 9007199254740993n },
    live: { a: 9007199254740992n },
    expected: "'a' -> <target:[9007199254740993], resource:[9007199254740992]>",
  },
  {
    rule: "DF-11",
    name: "keeps string and number apart",
    target: { a: "1" },
    live: { a: 1 },
    expected: "'a' -> <target:[1], resource:[1]>",
  },
  {
    rule: "DF-20",
    name: "ignores empty names, empty directives and other shapes",
    target: { [SET]: "l", [MAP]: { l: [], "": ["a"], other: "a" }, [LAST]: [], l: [1] },
    live: { l: [1] },
    expected: undefined,
  },
  {
    rule: "DF-20",
    name: "gives a directive no effect on keys of another map",
    target: { [SET]: ["l"], deep: { l: [1, 2] } },
    live: { deep: { l: [2, 1] } },
    expected: "'deep' -> 'l' -> at index '0' -> <target:[1], resource:[2]>",
  },
  {
    rule: "DF-21",
    name: "compares a set without regard to order and repetition",
    target: { [SET]: ["l"], l: ["a", "a", 1] },
    live: { l: [1.0, "a"] },
    expected: undefined,
  },
  {
    rule: "DF-21",
    name: "keeps bools and numbers of a set apart",
    target: { [SET]: ["l"], l: [1] },
    live: { l: [true] },
    expected: "'l' -> <missing '1'>",
  },
  {
    rule: "DF-21",
    name: "reports an additional live member of a set",
    target: { [SET]: ["l"], l: ["a"] },
    live: { l: ["a", "c"] },
    expected: "'l' -> <unexpectedly found 'c'>",
  },
  {
    rule: "DF-21",
    name: "cannot compare a set of maps",
    target: { [SET]: ["l"], l: [{}] },
    live: { l: [{}] },
    expected: "'l' -> Could not compare array-as-set, try: `x-koreo-compare-as-map`",
  },
  {
    rule: "DF-22",
    name: "finds items by key and ignores additional live items",
    target: { [MAP]: { l: ["n"] }, l: [{ n: "a" }, { n: "b" }] },
    live: { l: [{ n: "c" }, { n: "b", x: 1 }, { n: " a " }] },
    expected: "'l' -> 'a' -> 'n' -> <target:[a], resource:[ a ]>",
  },
  {
    rule: "DF-22",
    name: "joins the texts of several fields",
    target: { [MAP]: { l: ["n", "m"] }, l: [{ n: "a", m: 1, v: 2 }] },
    live: { l: [{ n: "a", m: 2 }, { n: "a", m: 1 }] },
    expected: "'l' -> 'a$1' -> <missing 'v' in resource>",
  },
  {
    rule: "DF-22",
    name: "takes an absent field as null",
    target: { [MAP]: { l: ["n"] }, l: [{ v: 1 }] },
    live: { l: [{ n: null, v: 1 }] },
    expected: undefined,
  },
  {
    rule: "DF-22",
    name: "reports a missing item",
    target: { [MAP]: { l: ["n"] }, l: [{ n: "a" }] },
    live: { l: [] },
    expected: "'l' -> <missing 'a' in resource>",
  },
  {
    rule: "DF-22",
    name: "reports an empty target list against items",
    target: { [MAP]: { l: ["n"] }, l: [] },
    live: { l: [{ n: "a" }] },
    expected: "'l' -> <target:null, resource:object>",
  },
  {
    rule: "DF-22",
    name: "reports a live value that is no list of maps",
    target: { [MAP]: { l: ["n"] }, l: [{ n: "a" }] },
    live: { l: ["a"] },
    expected: "'l' -> <target:object, resource:array>",
  },
  {
    rule: "DF-22",
    name: "lets the last of two items with one key count",
    target: { [MAP]: { l: ["n"] }, l: [{ n: "a", v: 1 }, { n: "a", v: 2 }] },
    live: { l: [{ n: "a", v: 2 }] },
    expected: undefined,
  },
  {
    rule: "DF-23",
    name: "compares with what was applied, whatever the live value is",
    target: { spec: { [LAST]: ["v"], v: 1 } },
    live: { spec: { v: { other: true } } },
    lastApplied: { spec: { v: 1 } },
    expected: undefined,
  },
  {
    rule: "DF-23",
    name: "does not need the live value",
    target: { spec: { [LAST]: ["v"], v: 1 } },
    live: { spec: {} },
    lastApplied: { spec: { v: 2 } },
    expected: "'spec' -> 'v' -> <target:[1], resource:[2]>",
  },
  {
    rule: "DF-23",
    name: "differs without the annotation",
    target: { spec: { [LAST]: ["v"], v: 1 } },
    live: { spec: { v: 1 } },
    expected: "'spec' -> 'v' -> <target:number, resource:null or missing>",
  },
  {
    rule: "DF-23",
    name: "differs without the key in the annotation, also for null",
    target: { spec: { [LAST]: ["v"], v: null } },
    live: { spec: {} },
    lastApplied: { spec: {} },
    expected: "'spec' -> 'v' -> <target:null, resource:null or missing>",
  },
  {
    rule: "DF-24",
    name: "compares the applied value as a set",
    target: { [LAST]: ["l"], [SET]: ["l"], l: [1, 2] },
    live: { l: { a: 1 } },
    lastApplied: { l: [2, 1] },
    expected: undefined,
  },
  {
    rule: "DF-24",
    name: "prefers the map when both are named",
    target: { [MAP]: { l: ["n"] }, [SET]: ["l"], l: [{ n: 1 }] },
    live: { l: [{ n: 2 }, { n: 1 }] },
    expected: undefined,
  },
  {
    rule: "DF-24",
    name: "walks the applied text by item key",
    target: { [MAP]: { l: ["n"] }, l: [{ n: "a", [LAST]: ["s"], s: "x" }] },
    live: { l: [{ n: "b" }, { n: "a", s: "***" }] },
    lastApplied: { l: [{ n: "b", s: "y" }, { n: "a", s: "x" }] },
    expected: undefined,
  },
  {
    rule: "DF-24",
    name: "walks the applied text by index in other lists",
    target: { l: [{ a: 1 }, { [LAST]: ["s"], s: "x" }] },
    live: { l: [{ a: 1 }, {}] },
    lastApplied: { l: [{ a: 1 }, { s: "x" }] },
    expected: undefined,
  },
];

for (const { rule, name, target, live, lastApplied, expected } of CASES) {
  Deno.test(`${rule} comparison ${name}`, () => {
    const difference = compareObjects(target, live, lastApplied);
    equal(difference && differenceText(difference), expected);
  });
}

Deno.test("DF-1 a difference holds both sides and the path between them", () => {
  deepEqual(compareObjects({ l: [{ a: 1 }] }, { l: [{ a: 2 }] }, undefined), {
    path: ["l", 0, "a"],
    reason: "<target:[1], resource:[2]>",
    target: 1,
    live: 2,
  });
});
