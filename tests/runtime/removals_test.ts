// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import type { JsonObject } from "../../src/language/mod.ts";
import { differenceText, findRemovals, LAST_APPLIED } from "../../src/runtime/mod.ts";

interface Case {
  readonly rule: string;
  readonly name: string;
  readonly target: JsonObject;
  readonly live: JsonObject;
  readonly lastApplied: JsonObject;
  readonly kept?: readonly (readonly string[])[];
  readonly patch: JsonObject | undefined;
  readonly difference?: string;
}

const MAP = "x-koreo-compare-as-map";

const CASES: readonly Case[] = [
  {
    rule: "DF-30",
    name: "takes a key that was applied, is dropped and is still there",
    target: { spec: {} },
    live: { spec: { a: 1, b: 2 } },
    lastApplied: { spec: { a: 1 } },
    patch: { spec: { a: null } },
    difference: "'spec' -> <'a' removed from target>",
  },
  {
    rule: "DF-30",
    name: "leaves keys alone that are gone, null, wanted or of others",
    target: { spec: { wanted: 1 } },
    live: { spec: { wanted: 2, nothing: null, others: 1 } },
    lastApplied: { spec: { wanted: 1, nothing: 1, gone: 1 } },
    patch: undefined,
  },
  {
    rule: "DF-31",
    name: "walks maps at every depth",
    target: { a: { b: { c: {} } } },
    live: { a: { b: { c: { d: 1 } } } },
    lastApplied: { a: { b: { c: { d: 1 } } } },
    patch: { a: { b: { c: { d: null } } } },
    difference: "'a' -> 'b' -> 'c' -> <'d' removed from target>",
  },
  {
    rule: "DF-31",
    name: "walks lists of equal length by index; the patch carries the list anyway",
    target: { l: [{ n: 1 }] },
    live: { l: [{ n: 1, x: 2 }] },
    lastApplied: { l: [{ n: 1, x: 2 }] },
    patch: {},
    difference: "'l' -> at index '0' -> <'x' removed from target>",
  },
  {
    rule: "DF-31",
    name: "does not walk lists of different lengths",
    target: { l: [{ n: 1 }] },
    live: { l: [{ n: 1, x: 2 }] },
    lastApplied: { l: [{ n: 1, x: 2 }, {}] },
    patch: undefined,
  },
  {
    rule: "DF-31",
    name: "takes an item that only last-applied and live have",
    target: { [MAP]: { l: ["n"] }, l: [{ n: "a" }] },
    live: { l: [{ n: "z" }, { n: "b" }, { n: "a" }] },
    lastApplied: { l: [{ n: "a" }, { n: "b" }] },
    patch: {},
    difference: "'l' -> <'b' removed from target>",
  },
  {
    rule: "DF-31",
    name: "walks into items by key",
    target: { [MAP]: { l: ["n"] }, l: [{ n: "a" }] },
    live: { l: [{ n: "b", v: 1 }, { n: "a", v: 1 }] },
    lastApplied: { l: [{ n: "a", v: 1 }] },
    patch: {},
    difference: "'l' -> 'a' -> <'v' removed from target>",
  },
  {
    rule: "DF-32",
    name: "takes only what was applied out of a dropped map",
    target: {},
    live: { a: { b: 1, other: 2 } },
    lastApplied: { a: { b: 1 } },
    patch: { a: { b: null } },
    difference: "'a' -> <'b' removed from target>",
  },
  {
    rule: "DF-32",
    name: "takes the dropped map itself when nothing else is left in it",
    target: {},
    live: { a: { b: { c: 1 } } },
    lastApplied: { a: { b: { c: 1 } } },
    patch: { a: null },
    difference: "'a' -> 'b' -> <'c' removed from target>",
  },
  {
    rule: "DF-32",
    name: "keeps a map that was applied empty and is used by others",
    target: {},
    live: { a: { others: 1 } },
    lastApplied: { a: {} },
    patch: undefined,
  },
  {
    rule: "DF-33",
    name: "never takes identity, owner references, the annotation or directives",
    target: {},
    live: {
      apiVersion: "v1",
      kind: "K",
      metadata: {
        name: "n",
        namespace: "s",
        ownerReferences: [1],
        annotations: { [LAST_APPLIED]: "{}" },
      },
      [MAP]: {},
    },
    lastApplied: {
      apiVersion: "v1",
      kind: "K",
      metadata: {
        name: "n",
        namespace: "s",
        ownerReferences: [1],
        annotations: { [LAST_APPLIED]: "{}" },
      },
      [MAP]: {},
    },
    patch: undefined,
  },
  {
    rule: "DF-33",
    name: "never takes what is at or below a leaf of the creation",
    target: {},
    live: { a: { at: 1, below: { x: 1 }, free: 1 } },
    lastApplied: { a: { at: 1, below: { x: 1 }, free: 1 } },
    kept: [["a", "at"], ["a", "below"]],
    patch: { a: { free: null } },
    difference: "'a' -> <'free' removed from target>",
  },
  {
    rule: "DF-30",
    name: "handles keys that look like parts of a prototype",
    target: { data: {} },
    live: { data: JSON.parse('{"__proto__": 1, "constructor": 2}') },
    lastApplied: { data: JSON.parse('{"__proto__": 1}') },
    patch: { data: JSON.parse('{"__proto__": null}') },
    difference: "'data' -> <'__proto__' removed from target>",
  },
];

for (const { rule, name, kept, patch, difference, ...walk } of CASES) {
  Deno.test(`${rule} removal ${name}`, () => {
    const found = findRemovals(walk, kept);
    equal(JSON.stringify(found?.patch), JSON.stringify(patch));
    deepEqual(found?.patch, patch);
    equal(found && differenceText(found.difference), difference);
  });
}
