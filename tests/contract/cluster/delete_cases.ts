// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  at,
  configMapPath,
  type ContractCases,
  type ContractContext,
  createConfigMap,
  gone,
  NAMESPACES,
  refused,
} from "./contract_case.ts";

function setFinalizers(context: ContractContext, finalizers: readonly string[] | null) {
  return context.cluster.patch(configMapPath(context, "a"), {
    type: "merge",
    body: { metadata: { finalizers } },
  }, context);
}

/** Deletion, finalizers, preconditions and Namespaces. */
export const DELETE_CASES: ContractCases = {
  "deletes at once what nothing holds": async (context) => {
    await createConfigMap(context, "a");
    await context.cluster.delete(configMapPath(context, "a"), {}, context);
    equal(await context.cluster.get(configMapPath(context, "a"), context), undefined);
  },
  "refuses to delete what is not there": async (context) => {
    await refused(context.cluster.delete(configMapPath(context, "a"), {}, context), {
      status: 404,
      reason: "NotFound",
      message: 'configmaps "a" not found',
      subject: { kind: "configmaps", name: "a" },
    });
  },
  "deletes only the uid that is asked for": async (context) => {
    const { metadata: { uid } } = await createConfigMap(context, "a");
    const path = configMapPath(context, "a");
    await refused(context.cluster.delete(path, { uid: "other" }, context), {
      status: 409,
      reason: "Conflict",
      message: `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition ` +
        `(other) does not match the UID in record (${String(uid)}). The object might have been ` +
        "deleted and then recreated",
    });
    await context.cluster.delete(path, { uid: String(uid) }, context);
    equal(await context.cluster.get(path, context), undefined);
  },
  "deletes only the version that is asked for": async (context) => {
    const { metadata: { resourceVersion } } = await createConfigMap(context, "a");
    const path = configMapPath(context, "a");
    await context.cluster.patch(path, { type: "merge", body: { data: { x: "y" } } }, context);
    const request = { resourceVersion: String(resourceVersion) };
    await refused(context.cluster.delete(path, request, context), {
      status: 409,
      reason: "Conflict",
      message: /the ResourceVersion in the precondition \(\d+\) does not match/,
    });
  },
  "makes a new uid for a name that is used again": async (context) => {
    const first = await createConfigMap(context, "a");
    await context.cluster.delete(configMapPath(context, "a"), {}, context);
    const second = await createConfigMap(context, "a");
    ok(at(first, "metadata.uid") !== at(second, "metadata.uid"));
  },
  "keeps an object until its finalizers are gone": async (context) => {
    await createConfigMap(context, "a", {
      metadata: { finalizers: ["example.com/one", "example.com/two"] },
    });
    const path = configMapPath(context, "a");
    await context.cluster.delete(path, {}, context);
    const held = await context.cluster.get(path, context);
    match(String(at(held, "metadata.deletionTimestamp")), /^\d{4}-/);
    equal(at(held, "metadata.deletionGracePeriodSeconds"), 0);
    await setFinalizers(context, ["example.com/two"]);
    ok(await context.cluster.get(path, context) !== undefined);
    await setFinalizers(context, null);
    equal(await context.cluster.get(path, context), undefined);
  },
  "takes a second deletion as no change": async (context) => {
    await createConfigMap(context, "a", { metadata: { finalizers: ["example.com/one"] } });
    const path = configMapPath(context, "a");
    await context.cluster.delete(path, {}, context);
    const held = await context.cluster.get(path, context);
    await context.cluster.delete(path, {}, context);
    deepEqual(await context.cluster.get(path, context), held);
    await setFinalizers(context, null);
  },
  "refuses new finalizers on what is being deleted": async (context) => {
    await createConfigMap(context, "a", { metadata: { finalizers: ["example.com/one"] } });
    await context.cluster.delete(configMapPath(context, "a"), {}, context);
    await refused(setFinalizers(context, ["example.com/one", "example.com/two"]), {
      status: 422,
      reason: "Invalid",
      message:
        /metadata\.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers \[\]string\{"example\.com\/two"\}/,
    });
    await setFinalizers(context, null);
  },
  "changes what is being deleted": async (context) => {
    await createConfigMap(context, "a", { metadata: { finalizers: ["example.com/one"] } });
    const path = configMapPath(context, "a");
    await context.cluster.delete(path, {}, context);
    const patch = { type: "merge", body: { data: { x: "y" } } } as const;
    deepEqual((await context.cluster.patch(path, patch, context)).data, { x: "y" });
    await setFinalizers(context, null);
  },
  "empties a Namespace that is deleted": async (context) => {
    const { cluster, signal } = context;
    const namespace = `${context.namespace}-inner`;
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    await cluster.create(NAMESPACES, body, { signal });
    const inner = { ...context, namespace };
    await createConfigMap(inner, "a", { metadata: { finalizers: ["example.com/one"] } });
    await createConfigMap(inner, "b");
    await cluster.delete({ ...NAMESPACES, name: namespace }, {}, { signal });
    const held = await cluster.get({ ...NAMESPACES, name: namespace }, { signal });
    equal(at(held, "status.phase"), "Terminating");
    await gone(context, configMapPath(inner, "b"));
    await refused(createConfigMap(inner, "c"), {
      status: 403,
      reason: "Forbidden",
      message: `configmaps "c" is forbidden: unable to create new content in namespace ` +
        `${namespace} because it is being terminated`,
      subject: { kind: "configmaps", name: "c" },
    });
    await context.eventually(async () =>
      at(await cluster.get(configMapPath(inner, "a"), { signal }), "metadata.deletionTimestamp")
    );
    await setFinalizers(inner, null);
    await gone(context, { ...NAMESPACES, name: namespace });
  },
  "refuses to delete the namespaces of the system": async ({ cluster, signal }) => {
    await refused(cluster.delete({ ...NAMESPACES, name: "default" }, {}, { signal }), {
      status: 403,
      reason: "Forbidden",
      message: 'namespaces "default" is forbidden: this namespace may not be deleted',
    });
  },
};
