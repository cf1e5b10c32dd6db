// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../../src/language/mod.ts";
import type { KubernetesObject } from "../../../src/runtime/ports.ts";
import {
  at,
  configMap,
  configMapPath,
  type ContractCases,
  type ContractContext,
  createConfigMap,
  defineWidget,
  deployment,
  DEPLOYMENTS,
  refused,
  withdrawWidget,
} from "./contract_case.ts";

interface ApplyOptions {
  readonly by: string;
  readonly force?: boolean;
}

function applyData(
  context: ContractContext,
  data: JsonObject,
  { by, force }: ApplyOptions,
): Promise<KubernetesObject> {
  return context.cluster.patch(configMapPath(context, "a"), {
    type: "apply",
    body: configMap("a", data),
    fieldManager: by,
    ...(force === undefined ? {} : { force }),
  }, context);
}

function applyContainers(
  { cluster, namespace, signal }: ContractContext,
  containers: readonly JsonValue[],
  by: string,
): Promise<KubernetesObject> {
  const base = deployment("web");
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers } };
  return cluster.patch({ ...DEPLOYMENTS, namespace, name: "web" }, {
    type: "apply",
    body: { ...base, spec: { selector: { matchLabels: labels }, template } },
    fieldManager: by,
  }, { signal });
}

function containerNames(object: KubernetesObject): JsonValue {
  const containers = at(object, "spec.template.spec.containers");
  return Array.isArray(containers) ? containers.map((one) => one.name) : [];
}

/** Server-side apply. */
export const APPLY_CASES: ContractCases = {
  "creates by apply": async (context) => {
    const made = await applyData(context, { one: "1" }, { by: "first" });
    deepEqual(made.data, { one: "1" });
    deepEqual(await context.cluster.get(configMapPath(context, "a"), context), made);
  },
  "notes who applied what": async (context) => {
    const made = await applyData(context, { one: "1" }, { by: "first" });
    const entries = made.metadata.managedFields;
    const entry: JsonValue = Array.isArray(entries) ? entries[0] : null;
    deepEqual({ ...entry as JsonObject, time: "" }, {
      manager: "first",
      operation: "Apply",
      apiVersion: "v1",
      time: "",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:data": { "f:one": {} } },
    });
  },
  "removes what its applier no longer states": async (context) => {
    await applyData(context, { one: "1", two: "2" }, { by: "first" });
    deepEqual((await applyData(context, { two: "2" }, { by: "first" })).data, { two: "2" });
  },
  "removes an emptied map": async (context) => {
    await applyData(context, { one: "1" }, { by: "first" });
    const path = configMapPath(context, "a");
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
    const patch = { type: "apply", body, fieldManager: "first" } as const;
    equal((await context.cluster.patch(path, patch, context)).data, undefined);
  },
  "keeps what another writer states too": async (context) => {
    await applyData(context, { one: "1" }, { by: "first" });
    await applyData(context, { one: "1", two: "2" }, { by: "second" });
    deepEqual((await applyData(context, {}, { by: "second" })).data, { one: "1" });
  },
  "keeps what nobody applied": async (context) => {
    await createConfigMap(context, "a", { data: { one: "1" } });
    deepEqual((await applyData(context, { two: "2" }, { by: "first" })).data, {
      one: "1",
      two: "2",
    });
  },
  "refuses to take a field of another applier": async (context) => {
    await applyData(context, { one: "1" }, { by: "first" });
    await refused(applyData(context, { one: "2" }, { by: "second" }), {
      status: 409,
      reason: "Conflict",
      message: 'Apply failed with 1 conflict: conflict with "first": .data.one',
    });
  },
  "lists all fields in conflict": async (context) => {
    await applyData(context, { one: "1", two: "2" }, { by: "first" });
    await refused(applyData(context, { one: "2", two: "3" }, { by: "second" }), {
      status: 409,
      message: 'Apply failed with 2 conflicts: conflicts with "first":\n- .data.one\n- .data.two',
    });
  },
  "owns nothing before the first apply where nothing was noted": async (context) => {
    await createConfigMap(context, "a");
    await context.cluster.patch(configMapPath(context, "a"), {
      type: "merge",
      body: { data: { one: "1" } },
      fieldManager: "editor",
    }, context);
    await refused(applyData(context, { one: "2" }, { by: "first" }), {
      status: 409,
      reason: "Conflict",
      message:
        'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.one',
    });
  },
  "refuses to take a field of an updater": async (context) => {
    await createConfigMap(context, "a", { data: { other: "" } });
    await context.cluster.patch(configMapPath(context, "a"), {
      type: "merge",
      body: { data: { one: "1" } },
      fieldManager: "editor",
    }, context);
    await refused(applyData(context, { one: "2" }, { by: "first" }), {
      status: 409,
      reason: "Conflict",
      message: 'Apply failed with 1 conflict: conflict with "editor" using v1: .data.one',
    });
  },
  "takes fields by force": async (context) => {
    await applyData(context, { one: "1" }, { by: "first" });
    const forced = await applyData(context, { one: "2" }, { by: "second", force: true });
    deepEqual(forced.data, { one: "2" });
    await refused(applyData(context, { one: "1" }, { by: "first" }), { status: 409 });
  },
  "shares a field on whose value two agree": async (context) => {
    await applyData(context, { one: "1" }, { by: "first" });
    await applyData(context, { one: "1" }, { by: "second" });
    await refused(applyData(context, { one: "3" }, { by: "second" }), { status: 409 });
  },
  "lets an updater take a field from an applier": async (context) => {
    await applyData(context, { one: "1" }, { by: "first" });
    await context.cluster.patch(configMapPath(context, "a"), {
      type: "merge",
      body: { data: { one: "2" } },
      fieldManager: "editor",
    }, context);
    deepEqual((await applyData(context, {}, { by: "first" })).data, { one: "2" });
  },
  "takes an apply of the same as no change": async (context) => {
    const made = await applyData(context, { one: "1" }, { by: "first" });
    deepEqual(await applyData(context, { one: "1" }, { by: "first" }), made);
  },
  "merges containers by name": async (context) => {
    await applyContainers(context, [{ name: "main", image: "example.com/a:1" }], "first");
    const both = await applyContainers(
      context,
      [{ name: "side", image: "example.com/b:1" }],
      "second",
    );
    deepEqual(containerNames(both), ["main", "side"]);
    const left = await applyContainers(
      context,
      [{ name: "main", image: "example.com/a:1" }],
      "second",
    );
    deepEqual(containerNames(left), ["main"]);
  },
  "names the item of a list in a conflict": async (context) => {
    await applyContainers(context, [{ name: "main", image: "example.com/a:1" }], "first");
    const second = applyContainers(context, [{ name: "main", image: "example.com/a:2" }], "second");
    await refused(second, {
      status: 409,
      message: 'Apply failed with 1 conflict: conflict with "first": ' +
        '.spec.template.spec.containers[name="main"].image',
    });
  },
  "requires a writer's name": async (context) => {
    const made = context.cluster.patch(configMapPath(context, "a"), {
      type: "apply",
      body: configMap("a"),
    }, context);
    await refused(made, {
      status: 422,
      reason: "Invalid",
      message:
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required ' +
        "for apply patch",
    });
  },
  "refuses force for other patches": async (context) => {
    await createConfigMap(context, "a");
    const made = context.cluster.patch(configMapPath(context, "a"), {
      type: "merge",
      body: {},
      force: true,
    }, context);
    await refused(made, { status: 422, reason: "Invalid", message: /force: Forbidden/ });
  },
  "refuses an applied object that states managedFields": async (context) => {
    await refused(
      context.cluster.patch(configMapPath(context, "a"), {
        type: "apply",
        body: configMap("a", {}, { managedFields: [{ manager: "x" }] }),
        fieldManager: "first",
      }, context),
      { status: 400, message: "metadata.managedFields must be nil" },
    );
  },
  "refuses an applied object with an old resourceVersion": async (context) => {
    await createConfigMap(context, "a");
    await refused(
      context.cluster.patch(configMapPath(context, "a"), {
        type: "apply",
        body: configMap("a", {}, { resourceVersion: "1" }),
        fieldManager: "first",
      }, context),
      { status: 409, reason: "Conflict" },
    );
  },
  "refuses an applied object with the uid of another": async (context) => {
    await refused(
      context.cluster.patch(configMapPath(context, "a"), {
        type: "apply",
        body: configMap("a", {}, { uid: "mine" }),
        fieldManager: "first",
      }, context),
      {
        status: 409,
        message: 'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided ' +
          "object specified uid mine, and no existing object was found",
      },
    );
  },
  "applies a status": async (context) => {
    const { cluster, namespace } = context;
    const widgets = await defineWidget(context);
    const path = { ...widgets, namespace, name: "a" };
    const body = { apiVersion: widgets.apiVersion, kind: "Widget", metadata: { name: "a" } };
    await cluster.create(path, { ...body, spec: { size: 1 } }, context);
    const applied = await cluster.patch(path, {
      type: "apply",
      subresource: "status",
      body: { ...body, status: { ready: true } },
      fieldManager: "reporter",
    }, context);
    deepEqual([applied.spec, applied.status], [{ size: 1 }, { ready: true }]);
    await withdrawWidget(context, widgets.definition);
  },
  "owns lists of a custom kind as its schema says": async (context) => {
    const { cluster, namespace } = context;
    const widgets = await defineWidget(context, { schema: LIST_SCHEMA });
    const path = { ...widgets, namespace, name: "a" };
    const apply = (spec: JsonObject, fieldManager: string) =>
      cluster.patch(path, {
        type: "apply",
        body: {
          apiVersion: widgets.apiVersion,
          kind: "Widget",
          metadata: { name: "a" },
          spec,
        },
        fieldManager,
      }, context);
    await apply({ parts: [{ id: "x", size: 1 }], tags: ["a"] }, "first");
    const both = await apply({ parts: [{ id: "y", size: 2 }], tags: ["b"] }, "second");
    deepEqual(both.spec, {
      parts: [{ id: "x", size: 1 }, { id: "y", size: 2 }],
      tags: ["a", "b"],
    });
    await apply({ steps: ["1"] }, "third");
    await refused(apply({ steps: ["2"] }, "fourth"), {
      status: 409,
      message: 'Apply failed with 1 conflict: conflict with "third": .spec.steps',
    });
    await withdrawWidget(context, widgets.definition);
  },
};

const LIST_SCHEMA: JsonObject = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        parts: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["id"],
          items: {
            type: "object",
            required: ["id"],
            properties: { id: { type: "string" }, size: { type: "integer" } },
          },
        },
        tags: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
        steps: { type: "array", items: { type: "string" } },
      },
    },
  },
};
