// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, notEqual } from "node:assert/strict";
import {
  at,
  configMapPath,
  type ContractCases,
  createConfigMap,
  defineWidget,
  deployment,
  DEPLOYMENTS,
  refused,
  withdrawWidget,
} from "./contract_case.ts";

/** The status subresource. */
export const STATUS_CASES: ContractCases = {
  "ignores the status of a new object": async (context) => {
    const { cluster, namespace } = context;
    const widgets = await defineWidget(context);
    const made = await cluster.create({ ...widgets, namespace }, {
      apiVersion: widgets.apiVersion,
      kind: "Widget",
      metadata: { name: "a" },
      spec: { size: 1 },
      status: { ready: true },
    }, context);
    equal(made.status, undefined);
    await withdrawWidget(context, widgets.definition);
  },
  "keeps status and everything else apart": async (context) => {
    const { cluster, namespace } = context;
    const widgets = await defineWidget(context);
    const path = { ...widgets, namespace, name: "a" };
    const made = await cluster.create(path, {
      apiVersion: widgets.apiVersion,
      kind: "Widget",
      metadata: { name: "a", annotations: { "example.com/a": "1" } },
      spec: { size: 1 },
    }, context);
    const body = {
      metadata: { annotations: { "example.com/a": "2" } },
      spec: { size: 2 },
      status: { ready: true },
    };
    const reported = await cluster.patch(
      path,
      { type: "merge", subresource: "status", body },
      context,
    );
    deepEqual(
      [
        reported.spec,
        reported.status,
        reported.metadata.annotations,
        at(reported, "metadata.generation"),
      ],
      [{ size: 1 }, { ready: true }, { "example.com/a": "1" }, 1],
    );
    notEqual(at(reported, "metadata.resourceVersion"), at(made, "metadata.resourceVersion"));
    const wanted = await cluster.patch(path, {
      type: "merge",
      body: { spec: { size: 3 }, status: { ready: false } },
    }, context);
    deepEqual(
      [wanted.spec, wanted.status, at(wanted, "metadata.generation")],
      [{ size: 3 }, { ready: true }, 2],
    );
    await withdrawWidget(context, widgets.definition);
  },
  "sets the status of a built-in kind": async ({ cluster, namespace, signal }) => {
    const path = { ...DEPLOYMENTS, namespace, name: "web" };
    await cluster.create(path, deployment("web"), { signal });
    const patched = await cluster.patch(path, {
      type: "merge",
      subresource: "status",
      body: { spec: { minReadySeconds: 7 }, status: { collisionCount: 4 } },
    }, { signal });
    deepEqual(
      [at(patched, "status.collisionCount"), at(patched, "spec.minReadySeconds") ?? 0],
      [4, 0],
    );
  },
  "refuses the status of a kind without one": async (context) => {
    await createConfigMap(context, "a");
    const patch = { type: "merge", subresource: "status", body: { status: {} } } as const;
    const made = context.cluster.patch(configMapPath(context, "a"), patch, context);
    await refused(made, { status: 404 });
  },
  "refuses the status of an object that is not there": async ({ cluster, namespace, signal }) => {
    const path = { ...DEPLOYMENTS, namespace, name: "none" };
    const patch = { type: "merge", subresource: "status", body: { status: {} } } as const;
    await refused(cluster.patch(path, patch, { signal }), {
      status: 404,
      subject: { kind: "deployments", name: "none" },
    });
  },
  "takes a status patch of nothing as no change": async (context) => {
    const { cluster, namespace } = context;
    const path = { ...DEPLOYMENTS, namespace, name: "web" };
    await cluster.create(path, deployment("web", { paused: true }), context);
    const patch = {
      type: "merge",
      subresource: "status",
      body: { status: { collisionCount: 3 } },
    } as const;
    // A deployment controller may write in between; the second of two equal patches is no change.
    await context.eventually(async () => {
      const first = await cluster.patch(path, patch, context);
      const second = await cluster.patch(path, patch, context);
      return first.metadata.resourceVersion === second.metadata.resourceVersion || undefined;
    });
  },
};
