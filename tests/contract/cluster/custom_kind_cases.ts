// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../../src/language/mod.ts";
import type { KubernetesObject } from "../../../src/runtime/ports.ts";
import {
  at,
  type ContractCases,
  type ContractContext,
  defineWidget,
  DEFINITIONS,
  gone,
  refused,
  withdrawWidget,
} from "./contract_case.ts";

const SCHEMA: JsonObject = {
  type: "object",
  required: ["spec"],
  properties: {
    spec: {
      type: "object",
      required: ["size"],
      properties: {
        size: { type: "integer", minimum: 1, maximum: 9 },
        mode: { type: "string", enum: ["a", "b"], default: "a" },
        name: { type: "string", pattern: "^[a-z]+$", maxLength: 5 },
        labels: { type: "object", additionalProperties: { type: "string" } },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        port: { "x-kubernetes-int-or-string": true },
        parts: {
          type: "array",
          maxItems: 2,
          items: { type: "object", properties: { id: { type: "string" } } },
        },
        big: { type: "integer", format: "int64" },
      },
    },
    status: { type: "object", properties: { ready: { type: "boolean" } } },
  },
};

/** What a spec is refused for: the spec, and the fault that the refusal names. */
const BROKEN: readonly (readonly [JsonObject, RegExp])[] = [
  [{}, /spec\.size: Required value/],
  [
    { size: "1" },
    /spec\.size: Invalid value: "string": spec\.size in body must be of type integer: "string"/,
  ],
  [{ size: 0 }, /spec\.size: Invalid value: 0: .*should be greater than or equal to 1/],
  [{ size: 10 }, /spec\.size: Invalid value: 10: .*should be less than or equal to 9/],
  [{ size: 1, mode: "c" }, /spec\.mode: Unsupported value: "c": supported values: "a", "b"/],
  [{ size: 1, name: "A" }, /spec\.name: Invalid value: "A": .*should match '\^\[a-z\]\+\$'/],
  [{ size: 1, name: "abcdef" }, /spec\.name: Too long: may not be more than 5 bytes/],
  [{ size: 1, labels: { a: 1 } }, /spec\.labels\.a: Invalid value: "integer": .*type string/],
  [{ size: 1, port: true }, /spec\.port: Invalid value: "boolean"/],
  [{ size: 1, parts: [{}, {}, {}] }, /spec\.parts: Too many: 3: must have at most 2 items/],
  [{ size: 1, parts: [{ id: 1 }] }, /spec\.parts\[0\]\.id: Invalid value: "integer"/],
];

type Widgets = Awaited<ReturnType<typeof defineWidget>>;

function createWidget(
  { cluster, namespace, signal }: ContractContext,
  widgets: Widgets,
  content: JsonObject,
): Promise<KubernetesObject> {
  const body = {
    apiVersion: widgets.apiVersion,
    kind: "Widget",
    metadata: { name: "a" },
    ...content,
  };
  return cluster.create({ ...widgets, namespace }, body, { signal });
}

function withWidget(
  options: Parameters<typeof defineWidget>[1],
  check: (context: ContractContext, widgets: Widgets) => Promise<void>,
): (context: ContractContext) => Promise<void> {
  return async (context) => {
    const widgets = await defineWidget(context, options);
    try {
      await check(context, widgets);
    } finally {
      await withdrawWidget(context, widgets.definition).catch(() => {
        // The case has withdrawn it itself.
      });
    }
  };
}

/** CustomResourceDefinitions and their objects. */
export const CUSTOM_KIND_CASES: ContractCases = {
  "serves a kind that is defined": withWidget({}, async (context, widgets) => {
    deepEqual(widgets.type, {
      apiVersion: widgets.apiVersion,
      kind: "Widget",
      plural: "widgets",
      namespaced: true,
      hasStatus: true,
    });
    const made = await createWidget(context, widgets, { spec: { size: 1 } });
    deepEqual([made.spec, at(made, "metadata.generation")], [{ size: 1 }, 1]);
  }),
  "says that a definition is established": withWidget({}, async (context, { definition }) => {
    const conditions = await context.eventually(async () => {
      const found = await context.cluster.get({ ...DEFINITIONS, name: definition }, context);
      const list = at(found, "status.conditions");
      return Array.isArray(list) && list.length >= 2 ? list : undefined;
    });
    deepEqual(
      conditions.map(({ type, status }: { type: string; status: string }) => [type, status]).sort(),
      [["Established", "True"], ["NamesAccepted", "True"]],
    );
    const found = await context.cluster.get({ ...DEFINITIONS, name: definition }, context);
    deepEqual(at(found, "status.storedVersions"), ["v1"]);
    equal(at(found, "status.acceptedNames.listKind"), "WidgetList");
  }),
  "serves a cluster-scoped kind": withWidget({ scope: "Cluster" }, async (context, widgets) => {
    equal(widgets.type.namespaced, false);
    const body = { apiVersion: widgets.apiVersion, kind: "Widget", metadata: { name: "a" } };
    const made = await context.cluster.create(widgets, body, context);
    equal(at(made, "metadata.namespace"), undefined);
  }),
  "serves a kind without a status": withWidget({ hasStatus: false }, async (context, widgets) => {
    equal(widgets.type.hasStatus, false);
    const made = await createWidget(context, widgets, { spec: {}, status: { ready: true } });
    deepEqual(made.status, { ready: true });
    const path = { ...widgets, namespace: context.namespace, name: "a" };
    const patch = { type: "merge", subresource: "status", body: { status: {} } } as const;
    await refused(context.cluster.patch(path, patch, context), { status: 404 });
    const changed = await context.cluster.patch(path, {
      type: "merge",
      body: { status: { ready: false } },
    }, context);
    equal(at(changed, "metadata.generation"), 2);
  }),
  "drops fields that the schema does not know": withWidget(
    { schema: SCHEMA },
    async (context, widgets) => {
      const made = await createWidget(context, widgets, {
        spec: {
          size: 1,
          other: true,
          labels: { any: "thing" },
          free: { deep: { er: 1 } },
          parts: [{ id: "x", other: 1 }],
        },
        other: 1,
      });
      deepEqual([made.spec, made.other], [
        {
          size: 1,
          mode: "a",
          labels: { any: "thing" },
          free: { deep: { er: 1 } },
          parts: [{ id: "x" }],
        },
        undefined,
      ]);
    },
  ),
  "sets the defaults of a schema": withWidget({ schema: SCHEMA }, async (context, widgets) => {
    const made = await createWidget(context, widgets, { spec: { size: 1 } });
    deepEqual(made.spec, { size: 1, mode: "a" });
  }),
  "keeps whole numbers beyond 2^53": withWidget({ schema: SCHEMA }, async (context, widgets) => {
    const big = 9007199254740993n;
    const made = await createWidget(context, widgets, { spec: { size: 1, big } });
    equal(at(made, "spec.big"), big);
    const path = { ...widgets, namespace: context.namespace, name: "a" };
    equal(at(await context.cluster.get(path, context), "spec.big"), big);
  }),
  "refuses what the schema forbids": withWidget({ schema: SCHEMA }, async (context, widgets) => {
    for (const [spec, message] of BROKEN) {
      await refused(createWidget(context, widgets, { spec }), {
        status: 422,
        reason: "Invalid",
        message,
      });
    }
    await refused(createWidget(context, widgets, {}), {
      status: 422,
      reason: "Invalid",
      message: `Widget.${context.namespace}.example.com "a" is invalid: spec: Required value`,
    });
  }),
  "refuses a patch that the schema forbids": withWidget(
    { schema: SCHEMA },
    async (context, widgets) => {
      await createWidget(context, widgets, { spec: { size: 1 } });
      const path = { ...widgets, namespace: context.namespace, name: "a" };
      const patch = (body: JsonValue, subresource?: "status") =>
        context.cluster.patch(path, {
          type: "merge",
          body,
          ...(subresource ? { subresource } : {}),
        }, context);
      await refused(patch({ spec: { size: 99 } }), { status: 422, reason: "Invalid" });
      await refused(patch({ status: { ready: "yes" } }, "status"), {
        status: 422,
        reason: "Invalid",
        message: /status\.ready: Invalid value: "string"/,
      });
    },
  ),
  "stops serving a kind whose definition is deleted": withWidget({}, async (context, widgets) => {
    await createWidget(context, widgets, { spec: {} });
    await withdrawWidget(context, widgets.definition);
    await gone(context, { ...DEFINITIONS, name: widgets.definition });
    const path = { ...widgets, namespace: context.namespace, name: "a" };
    await context.eventually(() =>
      context.cluster.get(path, context).then(() => undefined, (error) => error.status === 404)
    );
    // A client may have to be refused once before it looks at discovery anew.
    const { apiVersion } = widgets;
    await context.eventually(async () =>
      (await context.cluster.discover({ apiVersion, kind: "Widget" }, context)) === undefined ||
      undefined
    );
  }),
  "holds a definition until its objects are gone": withWidget({}, async (context, widgets) => {
    const path = { ...widgets, namespace: context.namespace, name: "a" };
    await createWidget(context, widgets, {
      metadata: { name: "a", finalizers: ["example.com/hold"] },
    });
    await withdrawWidget(context, widgets.definition);
    await context.eventually(async () =>
      at(await context.cluster.get(path, context), "metadata.deletionTimestamp")
    );
    ok(await context.cluster.get({ ...DEFINITIONS, name: widgets.definition }, context));
    await refused(createWidget(context, widgets, { metadata: { name: "b" } }), {
      status: 403,
      reason: "Forbidden",
      message: /create not allowed while custom resource definition is terminating/,
    });
    const patch = { type: "merge", body: { metadata: { finalizers: null } } } as const;
    await context.cluster.patch(path, patch, context);
    await gone(context, { ...DEFINITIONS, name: widgets.definition });
  }),
  "refuses definitions that cannot be served": async ({ cluster, namespace, signal }) => {
    const group = `${namespace}.example.com`;
    const define = (name: string, spec: JsonObject) =>
      cluster.create(DEFINITIONS, {
        apiVersion: DEFINITIONS.apiVersion,
        kind: DEFINITIONS.kind,
        metadata: { name },
        spec: { group, scope: "Namespaced", names: { kind: "X", plural: "xs" }, ...spec },
      }, { signal });
    const schema = { openAPIV3Schema: { type: "object" } };
    const version = { name: "v1", served: true, storage: true, schema };
    const faults: readonly (readonly [string, JsonObject, RegExp])[] = [
      [
        `x.${group}`,
        { versions: [version] },
        /metadata\.name: Invalid value: .*must be spec\.names/,
      ],
      [`xs.${group}`, { versions: [version], scope: "None" }, /spec\.scope: Unsupported value/],
      [
        `xs.${group}`,
        { versions: [{ ...version, storage: false }] },
        /must have exactly one version marked as storage version/,
      ],
      [
        `xs.${group}`,
        { versions: [{ ...version, schema: {} }] },
        /openAPIV3Schema: Required value/,
      ],
    ];
    for (const [name, spec, message] of faults) {
      await refused(define(name, spec), { status: 422, reason: "Invalid", message });
    }
  },
};
