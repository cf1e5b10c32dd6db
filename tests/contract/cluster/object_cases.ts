// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import {
  at,
  CONFIG_MAPS,
  configMap,
  configMapPath,
  type ContractCases,
  createConfigMap,
  deployment,
  DEPLOYMENTS,
  NAMESPACES,
  refused,
  SERVICES,
} from "./contract_case.ts";

const NO_KIND = { apiVersion: "v1", kind: "Frob", plural: "frobs" };
const NO_GROUP = { apiVersion: "frobs.example.com/v1", kind: "Frob", plural: "frobs" };

/** Discovery, reading and creating. */
export const OBJECT_CASES: ContractCases = {
  "discovers a namespaced kind of the core group": async ({ cluster, signal }) => {
    deepEqual(await cluster.discover({ apiVersion: "v1", kind: "ConfigMap" }, { signal }), {
      apiVersion: "v1",
      kind: "ConfigMap",
      plural: "configmaps",
      namespaced: true,
      hasStatus: false,
    });
  },
  "discovers that a kind has a status": async ({ cluster, signal }) => {
    deepEqual(await cluster.discover({ apiVersion: "apps/v1", kind: "Deployment" }, { signal }), {
      ...DEPLOYMENTS,
      namespaced: true,
      hasStatus: true,
    });
  },
  "discovers a cluster-scoped kind": async ({ cluster, signal }) => {
    deepEqual(await cluster.discover({ apiVersion: "v1", kind: "Namespace" }, { signal }), {
      ...NAMESPACES,
      namespaced: false,
      hasStatus: true,
    });
  },
  "discovers nothing for a kind that is not served": async ({ cluster, signal }) => {
    for (const kind of [NO_KIND, NO_GROUP, { apiVersion: "apps/v9", kind: "Deployment" }]) {
      equal(await cluster.discover(kind, { signal }), undefined);
    }
  },
  "says how many replicas a Deployment has that names none": async (context) => {
    const { cluster, namespace, signal } = context;
    const named = { ...DEPLOYMENTS, namespace };
    const body = deployment("scaled", { replicas: null });
    equal(at(await cluster.create(named, body, { signal }), "spec.replicas"), 1);
    const patched = await cluster.patch({ ...named, name: "scaled" }, {
      type: "merge",
      body: { spec: { replicas: null } },
    }, { signal });
    equal(at(patched, "spec.replicas"), 1);
  },
  "gets undefined for an object that is not there": async (context) => {
    equal(await context.cluster.get(configMapPath(context, "none"), context), undefined);
  },
  "gets undefined in a namespace that is not there": async ({ cluster, namespace, signal }) => {
    const path = { ...CONFIG_MAPS, namespace: `${namespace}-none`, name: "none" };
    equal(await cluster.get(path, { signal }), undefined);
  },
  "refuses every verb for a kind that is not served": async ({ cluster, namespace, signal }) => {
    for (const kind of [NO_KIND, NO_GROUP]) {
      const path = { ...kind, namespace, name: "x" };
      const body = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: "x" } };
      await refused(cluster.get(path, { signal }), { status: 404 });
      await refused(cluster.create(path, body, { signal }), { status: 404 });
      await refused(cluster.list(path, { namespace }, { signal }), { status: 404 });
      await refused(cluster.delete(path, {}, { signal }), { status: 404 });
      await refused(cluster.patch(path, { type: "merge", body: {} }, { signal }), { status: 404 });
    }
  },
  "refuses a namespaced object without a namespace": async ({ cluster, signal }) => {
    const path = { ...CONFIG_MAPS, name: "a" };
    await refused(cluster.get(path, { signal }), { status: 404 });
    await refused(cluster.create(CONFIG_MAPS, configMap("a"), { signal }), { status: 405 });
  },
  "refuses a cluster-scoped object in a namespace": async ({ cluster, namespace, signal }) => {
    const path = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      plural: "clusterroles",
      namespace,
    };
    const body = { apiVersion: path.apiVersion, kind: path.kind, metadata: { name: "a" } };
    await refused(cluster.get({ ...path, name: "a" }, { signal }), { status: 404 });
    await refused(cluster.create(path, body, { signal }), { status: 404 });
  },
  "returns what it stored": async (context) => {
    const made = await createConfigMap(context, "a", {
      data: { "a.b-c_D": "1", empty: "" },
      metadata: { labels: { app: "x" }, annotations: { "example.com/note": "text\n" } },
    });
    deepEqual([made.apiVersion, made.kind], ["v1", "ConfigMap"]);
    deepEqual(made.data, { "a.b-c_D": "1", empty: "" });
    equal(at(made, "metadata.namespace"), context.namespace);
    match(String(at(made, "metadata.uid")), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    match(String(at(made, "metadata.creationTimestamp")), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    match(String(at(made, "metadata.resourceVersion")), /^[1-9]\d*$/);
    deepEqual(await context.cluster.get(configMapPath(context, "a"), context), made);
  },
  "sets uid and times itself": async (context) => {
    const made = await createConfigMap(context, "a", {
      metadata: {
        uid: "mine",
        creationTimestamp: "2001-01-01T00:00:00Z",
        deletionTimestamp: "2001-01-01T00:00:00Z",
      },
    });
    notEqual(at(made, "metadata.uid"), "mine");
    notEqual(at(made, "metadata.creationTimestamp"), "2001-01-01T00:00:00Z");
    equal(at(made, "metadata.deletionTimestamp"), undefined);
  },
  "refuses a second object of the same name": async (context) => {
    await createConfigMap(context, "a");
    await refused(createConfigMap(context, "a"), {
      status: 409,
      reason: "AlreadyExists",
      message: 'configmaps "a" already exists',
      subject: { kind: "configmaps", name: "a" },
    });
  },
  "names the group of a kind in refusals": async ({ cluster, namespace, signal }) => {
    const path = { ...DEPLOYMENTS, namespace, name: "none" };
    await refused(cluster.delete(path, {}, { signal }), {
      status: 404,
      reason: "NotFound",
      message: 'deployments.apps "none" not found',
      subject: { kind: "deployments", name: "none" },
    });
  },
  "refuses an object in a namespace that is not there": async ({ cluster, namespace, signal }) => {
    const missing = `${namespace}-none`;
    const made = cluster.create({ ...CONFIG_MAPS, namespace: missing }, configMap("a"), { signal });
    await refused(made, {
      status: 404,
      reason: "NotFound",
      message: `namespaces "${missing}" not found`,
      subject: { kind: "namespaces", name: missing },
    });
  },
  "refuses an object of another namespace than the path's": async (context) => {
    await refused(createConfigMap(context, "a", { metadata: { namespace: "other" } }), {
      status: 400,
      reason: "BadRequest",
      message: "the namespace of the provided object does not match the namespace sent on the " +
        "request",
    });
  },
  "refuses a body of another kind": async ({ cluster, namespace, signal }) => {
    const body = { ...configMap("a"), kind: "Secret" };
    await refused(cluster.create({ ...CONFIG_MAPS, namespace }, body, { signal }), { status: 400 });
  },
  "refuses a resourceVersion at creation": async (context) => {
    const made = createConfigMap(context, "a", { metadata: { resourceVersion: "1" } });
    await refused(made, {
      status: 500,
      message: "resourceVersion should not be set on objects to be created",
    });
  },
  "keeps clusters' numbers and characters": async (context) => {
    const made = await createConfigMap(context, "a", {
      data: { number: "9007199254740993", text: "ä 🜚 \u2028 </script>", __proto__x: "y" },
    });
    equal(at(made, "data.number"), "9007199254740993");
    equal(at(made, "data.text"), "ä 🜚 \u2028 </script>");
  },
  "refuses other characters in keys of data": async (context) => {
    await refused(createConfigMap(context, "a", { data: { "a/b": "" } }), {
      status: 422,
      reason: "Invalid",
      message:
        /^ConfigMap "a" is invalid: data\[a\/b\]: Invalid value: "a\/b": a valid config key must consist of/,
    });
  },
  "refuses data that is no text": async (context) => {
    for (const value of [1, true, { x: "y" }]) {
      const made = createConfigMap(context, "a", { data: { key: value } });
      await refused(made, { status: 400, reason: "BadRequest" });
    }
  },
  "gives a Service an address": async ({ cluster, namespace, signal }) => {
    const made = await cluster.create({ ...SERVICES, namespace }, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    }, { signal });
    match(String(at(made, "spec.clusterIP")), /^10\.\d+\.\d+\.\d+$/);
    equal(at(made, "spec.type"), "ClusterIP");
  },
  "keeps the address of a Service that is patched": async ({ cluster, namespace, signal }) => {
    const path = { ...SERVICES, namespace, name: "web" };
    const made = await cluster.create(path, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    }, { signal });
    const patched = await cluster.patch(path, {
      type: "merge",
      body: { spec: { ports: [{ port: 81, protocol: "TCP" }] } },
    }, { signal });
    equal(at(patched, "spec.clusterIP"), at(made, "spec.clusterIP"));
  },
  "makes data of a Secret's stringData": async ({ cluster, namespace, signal }) => {
    const made = await cluster.create({
      apiVersion: "v1",
      kind: "Secret",
      plural: "secrets",
      namespace,
    }, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "a" },
      stringData: { key: "välue" },
    }, { signal });
    deepEqual([made.data, made.stringData, made.type], [
      { key: "dsOkbHVl" },
      undefined,
      "Opaque",
    ]);
  },
  "gives a Namespace its label and phase": async ({ cluster, namespace, signal }) => {
    const found = await cluster.get({ ...NAMESPACES, name: namespace }, { signal });
    equal(at(found, "status.phase"), "Active");
    deepEqual(found?.metadata.labels, { "kubernetes.io/metadata.name": namespace });
    deepEqual(found?.spec, { finalizers: ["kubernetes"] });
  },
  "counts generations of kinds that have them": async ({ cluster, namespace, signal }) => {
    const path = { ...DEPLOYMENTS, namespace, name: "web" };
    const made = await cluster.create(path, deployment("web"), { signal });
    equal(at(made, "metadata.generation"), 1);
    const labelled = await cluster.patch(path, {
      type: "merge",
      body: { metadata: { labels: { a: "b" } } },
    }, { signal });
    equal(at(labelled, "metadata.generation"), 1);
    const changed = await cluster.patch(path, {
      type: "merge",
      body: { spec: { minReadySeconds: 3 } },
    }, { signal });
    equal(at(changed, "metadata.generation"), 2);
  },
  "counts no generations of other kinds": async (context) => {
    const made = await createConfigMap(context, "a");
    equal(at(made, "metadata.generation"), undefined);
  },
  "rejects with the reason of an abort": async (context) => {
    const signal = AbortSignal.abort(new RangeError("enough"));
    await rejects(context.cluster.get(configMapPath(context, "a"), { signal }), {
      name: "RangeError",
      message: "enough",
    });
    ok(context.signal.aborted === false);
  },
};
