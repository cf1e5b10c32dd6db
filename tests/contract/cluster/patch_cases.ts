// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import type { JsonValue } from "../../../src/language/mod.ts";
import type { KubernetesObject, PatchType } from "../../../src/runtime/ports.ts";
import {
  at,
  configMapPath,
  type ContractCases,
  type ContractContext,
  createConfigMap,
  deployment,
  DEPLOYMENTS,
  refused,
} from "./contract_case.ts";

function patchA(
  context: ContractContext,
  type: Exclude<PatchType, "apply">,
  body: JsonValue,
): Promise<KubernetesObject> {
  return context.cluster.patch(configMapPath(context, "a"), { type, body }, context);
}

const JSON_PATCHES: readonly {
  readonly name: string;
  readonly patch: readonly JsonValue[];
  readonly data: JsonValue;
}[] = [
  {
    name: "adds and replaces",
    patch: [
      { op: "add", path: "/data/new", value: "3" },
      { op: "replace", path: "/data/one", value: "0" },
    ],
    data: { one: "0", two: "2", new: "3" },
  },
  { name: "removes", patch: [{ op: "remove", path: "/data/one" }], data: { two: "2" } },
  {
    name: "moves and copies",
    patch: [
      { op: "move", from: "/data/one", path: "/data/moved" },
      { op: "copy", from: "/data/two", path: "/data/copied" },
    ],
    data: { two: "2", moved: "1", copied: "2" },
  },
  {
    name: "tests",
    patch: [
      { op: "test", path: "/data/one", value: "1" },
      { op: "remove", path: "/data/one" },
    ],
    data: { two: "2" },
  },
  {
    name: "reads escaped pointers",
    patch: [
      { op: "test", path: "/metadata/annotations/example.com~1a", value: "b" },
      { op: "remove", path: "/data/one" },
    ],
    data: { two: "2" },
  },
  {
    name: "replaces what is not there",
    patch: [{ op: "replace", path: "/data/none", value: "x" }],
    data: { one: "1", two: "2", none: "x" },
  },
];

const UNFIT: readonly (readonly [string, readonly JsonValue[]])[] = [
  ["a test that fails", [{ op: "test", path: "/data/one", value: "7" }]],
  ["a removal of what is not there", [{ op: "remove", path: "/data/none" }]],
  ["a replacement below what is not there", [{ op: "replace", path: "/no/x", value: "1" }]],
  ["an addition below what is not there", [{ op: "add", path: "/none/x", value: "1" }]],
  ["an operation nobody knows", [{ op: "frob", path: "/data/one" }]],
];

/** Merge patch and JSON patch. */
export const PATCH_CASES: ContractCases = {
  "merges maps and removes by null": async (context) => {
    await createConfigMap(context, "a", { data: { one: "1", two: "2" } });
    const patched = await patchA(context, "merge", { data: { one: null, three: "3" } });
    deepEqual(patched.data, { two: "2", three: "3" });
    deepEqual(await context.cluster.get(configMapPath(context, "a"), context), patched);
  },
  "replaces lists by a merge patch": async (context) => {
    const finalizers = ["example.com/a", "example.com/b"];
    await createConfigMap(context, "a", { metadata: { finalizers } });
    const patched = await patchA(context, "merge", {
      metadata: { finalizers: ["example.com/c"] },
    });
    deepEqual(patched.metadata.finalizers, ["example.com/c"]);
    await patchA(context, "merge", { metadata: { finalizers: null } });
  },
  "takes a patch of nothing as no change": async (context) => {
    const made = await createConfigMap(context, "a", { data: { one: "1" } });
    const patched = await patchA(context, "merge", { data: { one: "1" } });
    equal(at(patched, "metadata.resourceVersion"), at(made, "metadata.resourceVersion"));
    deepEqual(patched, made);
  },
  "gives every change a greater resourceVersion": async (context) => {
    const made = await createConfigMap(context, "a");
    const patched = await patchA(context, "merge", { data: { one: "1" } });
    ok(
      Number(at(patched, "metadata.resourceVersion")) >
        Number(at(made, "metadata.resourceVersion")),
    );
  },
  "refuses a merge patch of an old version": async (context) => {
    const made = await createConfigMap(context, "a");
    await patchA(context, "merge", { data: { one: "1" } });
    const { resourceVersion = "" } = made.metadata;
    await refused(patchA(context, "merge", { metadata: { resourceVersion }, data: { x: "y" } }), {
      status: 409,
      reason: "Conflict",
      message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; ' +
        "please apply your changes to the latest version and try again",
      subject: { kind: "configmaps", name: "a" },
    });
  },
  "takes a merge patch of the present version": async (context) => {
    const { metadata: { resourceVersion = "" } } = await createConfigMap(context, "a");
    const patched = await patchA(context, "merge", {
      metadata: { resourceVersion },
      data: { x: "y" },
    });
    deepEqual(patched.data, { x: "y" });
  },
  "refuses a patch of an object that is not there": async (context) => {
    await refused(patchA(context, "merge", {}), {
      status: 404,
      reason: "NotFound",
      message: 'configmaps "a" not found',
      subject: { kind: "configmaps", name: "a" },
    });
  },
  "refuses a merge patch that is no object": async (context) => {
    await createConfigMap(context, "a");
    await refused(patchA(context, "merge", [1]), { status: 400, reason: "BadRequest" });
  },
  ...Object.fromEntries(JSON_PATCHES.map(({ name, patch, data }) => [
    `${name} by a JSON patch`,
    async (context) => {
      await createConfigMap(context, "a", {
        data: { one: "1", two: "2" },
        metadata: { annotations: { "example.com/a": "b" } },
      });
      deepEqual((await patchA(context, "json", patch)).data, data);
    },
  ])) satisfies ContractCases,
  ...Object.fromEntries(UNFIT.map(([what, patch]) => [
    `refuses a JSON patch with ${what}`,
    async (context) => {
      await createConfigMap(context, "a", { data: { one: "1" } });
      await refused(patchA(context, "json", patch), { status: 422, reason: "Invalid" });
    },
  ])) satisfies ContractCases,
  "refuses a JSON patch that is no list": async (context) => {
    await createConfigMap(context, "a");
    await refused(patchA(context, "json", {}), { status: 400, reason: "BadRequest" });
  },
  "refuses to change what never changes": async ({ cluster, namespace, signal }) => {
    const path = { ...DEPLOYMENTS, namespace, name: "web" };
    await cluster.create(path, deployment("web"), { signal });
    const labels = { app: "other" };
    const body = {
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
    };
    await refused(cluster.patch(path, { type: "merge", body }, { signal }), {
      status: 422,
      reason: "Invalid",
      message: 'Deployment.apps "web" is invalid: spec.selector: Invalid value: ' +
        '{"matchLabels":{"app":"other"}}: field is immutable',
    });
  },
  "refuses to change what was made immutable": async (context) => {
    await createConfigMap(context, "a", { data: { one: "1" } });
    await patchA(context, "merge", { immutable: true });
    await refused(patchA(context, "merge", { data: { one: "2" } }), {
      status: 422,
      reason: "Invalid",
      message:
        'ConfigMap "a" is invalid: data: Forbidden: field is immutable when `immutable` is ' +
        "set",
    });
  },
};
