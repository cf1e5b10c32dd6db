// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import type { JsonObject } from "../../../src/language/mod.ts";
import type { ObjectList, Selection } from "../../../src/runtime/ports.ts";
import {
  at,
  CONFIG_MAPS,
  configMapPath,
  type ContractCases,
  type ContractContext,
  createConfigMap,
  refused,
} from "./contract_case.ts";

type ListOptions = Selection & { readonly limit?: number; readonly continue?: string };

function listHere(context: ContractContext, selection: ListOptions = {}): Promise<ObjectList> {
  const { cluster, namespace, signal } = context;
  return cluster.list(CONFIG_MAPS, { namespace, ...selection }, { signal });
}

function names(list: ObjectList): readonly unknown[] {
  return list.items.map((item) => item.metadata.name);
}

const LABELLED: Readonly<Record<string, JsonObject>> = {
  a: { app: "web", tier: "front" },
  b: { app: "web", tier: "back" },
  c: { app: "db", "example.com/size": "big" },
  d: {},
};

const SELECTORS: readonly (readonly [string, readonly string[]])[] = [
  ["app=web", ["a", "b"]],
  ["app==web,tier=front", ["a"]],
  ["app!=web", ["c", "d"]],
  ["app", ["a", "b", "c"]],
  ["!app", ["d"]],
  ["tier in (front, back)", ["a", "b"]],
  ["tier notin (front)", ["b", "c", "d"]],
  ["app in (web,db),tier", ["a", "b"]],
  ["example.com/size=big", ["c"]],
  ["app=", []],
];

const FIELD_SELECTORS: readonly (readonly [string, readonly string[]])[] = [
  ["metadata.name=b", ["b"]],
  ["metadata.name==b", ["b"]],
  ["metadata.name!=b", ["a", "c", "d"]],
  ["metadata.name=none", []],
];

async function makeLabelled(context: ContractContext): Promise<void> {
  for (const [name, labels] of Object.entries(LABELLED)) {
    await createConfigMap(context, name, { metadata: { labels } });
  }
}

/** Lists, pages and selectors. */
export const LIST_CASES: ContractCases = {
  "lists by name, with kinds": async (context) => {
    for (const name of ["b", "a.b", "c", "a-b"]) await createConfigMap(context, name);
    const list = await listHere(context);
    deepEqual(names(list), ["a-b", "a.b", "b", "c"]);
    deepEqual([list.items[0]?.apiVersion, list.items[0]?.kind], ["v1", "ConfigMap"]);
    deepEqual(list.items[2], await context.cluster.get(configMapPath(context, "b"), context));
  },
  "lists nothing where there is nothing": async (context) => {
    const list = await listHere(context);
    deepEqual([list.items, list.continue], [[], undefined]);
    ok(Number(list.resourceVersion) > 0);
  },
  "lists nothing in a namespace that is not there": async (context) => {
    const list = await listHere(context, { namespace: `${context.namespace}-none` });
    deepEqual(list.items, []);
  },
  "lists all namespaces": async (context) => {
    await createConfigMap(context, "a", { metadata: { labels: { of: context.namespace } } });
    const labelSelector = `of=${context.namespace}`;
    const list = await context.cluster.list(CONFIG_MAPS, { labelSelector }, context);
    deepEqual(names(list), ["a"]);
  },
  "lists in pages that show one moment": async (context) => {
    for (const name of ["a", "b", "c", "d", "e"]) await createConfigMap(context, name);
    const first = await listHere(context, { limit: 2 });
    await createConfigMap(context, "bb");
    const second = await listHere(context, { limit: 2, continue: first.continue ?? "" });
    const third = await listHere(context, { limit: 2, continue: second.continue ?? "" });
    deepEqual([first, second, third].map(names), [["a", "b"], ["c", "d"], ["e"]]);
    deepEqual(
      [second.resourceVersion, third.resourceVersion, third.continue],
      [first.resourceVersion, first.resourceVersion, undefined],
    );
  },
  "refuses a page token that it did not give": async (context) => {
    await createConfigMap(context, "a");
    await refused(listHere(context, { limit: 1, continue: "abc" }), { status: 400 });
  },
  ...Object.fromEntries(SELECTORS.map(([labelSelector, expected]) => [
    `selects labels by "${labelSelector}"`,
    async (context) => {
      await makeLabelled(context);
      deepEqual(names(await listHere(context, { labelSelector })), expected);
    },
  ])) satisfies ContractCases,
  ...Object.fromEntries(FIELD_SELECTORS.map(([fieldSelector, expected]) => [
    `selects fields by "${fieldSelector}"`,
    async (context) => {
      await makeLabelled(context);
      deepEqual(names(await listHere(context, { fieldSelector })), expected);
    },
  ])) satisfies ContractCases,
  "selects by namespace as a field": async (context) => {
    await createConfigMap(context, "a");
    const fieldSelector = `metadata.namespace=${context.namespace}`;
    const list = await context.cluster.list(CONFIG_MAPS, { fieldSelector }, context);
    deepEqual(names(list), ["a"]);
  },
  "refuses a field that cannot be selected": async (context) => {
    await refused(listHere(context, { fieldSelector: "data.x=y" }), {
      status: 400,
      reason: "BadRequest",
      message: /data\.x/,
    });
  },
  "refuses a label selector that is none": async (context) => {
    for (const labelSelector of ["a b", "a in (b", "a=b=c", "a in b"]) {
      await refused(listHere(context, { labelSelector }), { status: 400, reason: "BadRequest" });
    }
  },
  "lists metadata alone": async (context) => {
    const made = await createConfigMap(context, "a", { data: { x: "y" } });
    const { items: [item] } = await listHere(context, { metadataOnly: true });
    deepEqual(item, { apiVersion: "v1", kind: "ConfigMap", metadata: made.metadata });
  },
  "shows in a list what was written before": async (context) => {
    const made = await createConfigMap(context, "a");
    const list = await listHere(context);
    equal(at(list.items[0], "metadata.uid"), at(made, "metadata.uid"));
    ok(Number(list.resourceVersion) >= Number(at(made, "metadata.resourceVersion")));
  },
};
