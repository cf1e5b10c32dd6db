// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import type { JsonObject } from "../../../src/language/mod.ts";
import {
  at,
  configMapPath,
  type ContractCases,
  createConfigMap,
  NAMESPACES,
  refused,
  SERVICES,
} from "./contract_case.ts";

const SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric " +
  "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. " +
  "'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** Metadata that is refused at creation, and the field that the refusal names. */
const BROKEN: readonly (readonly [string, JsonObject, string])[] = [
  ["a label key with a space", { labels: { "a b": "c" } }, "metadata.labels"],
  ["a label value with a space", { labels: { a: "b c" } }, "metadata.labels"],
  ["a label value of 64 characters", { labels: { a: "x".repeat(64) } }, "metadata.labels"],
  ["an annotation key with a space", { annotations: { "a b": "" } }, "metadata.annotations"],
  [
    "annotations of more than 256 KiB",
    { annotations: { a: "x".repeat(262_144) } },
    "metadata.annotations",
  ],
  ["a finalizer without a domain", { finalizers: ["mine"] }, "metadata.finalizers"],
  [
    "an owner without a uid",
    { ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "a" }] },
    "metadata.ownerReferences.uid",
  ],
  [
    "two controlling owners",
    {
      ownerReferences: [
        { apiVersion: "v1", kind: "ConfigMap", name: "a", uid: "1", controller: true },
        { apiVersion: "v1", kind: "ConfigMap", name: "b", uid: "2", controller: true },
      ],
    },
    "metadata.ownerReferences",
  ],
];

/** Names and metadata. */
export const METADATA_CASES: ContractCases = {
  "refuses a name with other characters": async (context) => {
    await refused(createConfigMap(context, "A_b"), {
      status: 422,
      reason: "Invalid",
      message: `ConfigMap "A_b" is invalid: metadata.name: Invalid value: "A_b": ${SUBDOMAIN}`,
      subject: { kind: "ConfigMap", name: "A_b" },
    });
  },
  "refuses a name of more than 253 characters": async (context) => {
    await refused(createConfigMap(context, "a".repeat(254)), {
      status: 422,
      reason: "Invalid",
      message: /metadata\.name: Invalid value: "a+": must be no more than 253 (bytes|characters)/,
    });
  },
  "refuses an object without a name": async (context) => {
    const { cluster, namespace, signal } = context;
    const path = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespace };
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: {} };
    await refused(cluster.create(path, body, { signal }), {
      status: 422,
      reason: "Invalid",
      message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is ' +
        "required",
    });
  },
  "refuses a Namespace name that is no label": async ({ cluster, namespace, signal }) => {
    const name = `${namespace}.x`;
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    await refused(cluster.create(NAMESPACES, body, { signal }), { status: 422, reason: "Invalid" });
  },
  "refuses a Service name that begins with a digit": async ({ cluster, namespace, signal }) => {
    const body = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "1a" },
      spec: { ports: [{ port: 1 }] },
    };
    const made = cluster.create({ ...SERVICES, namespace }, body, { signal });
    await refused(made, { status: 422, reason: "Invalid" });
  },
  "takes a Role name with other characters": async ({ cluster, namespace, signal }) => {
    const path = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      plural: "roles",
      namespace,
    };
    const body = {
      apiVersion: path.apiVersion,
      kind: "Role",
      metadata: { name: "a:B" },
      rules: [],
    };
    equal(at(await cluster.create(path, body, { signal }), "metadata.name"), "a:B");
  },
  "makes a name of generateName": async ({ cluster, namespace, signal }) => {
    const path = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespace };
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "run-" } };
    const made = await cluster.create(path, body, { signal });
    match(String(at(made, "metadata.name")), /^run-[a-z0-9]{5}$/);
  },
  ...Object.fromEntries(BROKEN.map(([what, metadata, field]) => [
    `refuses ${what}`,
    async (context) => {
      const error = await refused(createConfigMap(context, "a", { metadata }), {
        status: 422,
        reason: "Invalid",
      });
      match(error.message, new RegExp(field.replaceAll(".", "\\.")));
    },
  ])) satisfies ContractCases,
  "keeps no empty maps and lists": async (context) => {
    const metadata = { labels: {}, annotations: null, finalizers: [], ownerReferences: [] };
    const made = await createConfigMap(context, "a", { metadata });
    deepEqual(Object.keys(made.metadata).sort(), [
      "creationTimestamp",
      "name",
      "namespace",
      "resourceVersion",
      "uid",
    ]);
    equal(made.data, undefined);
  },
  "refuses a new uid": async (context) => {
    await createConfigMap(context, "a");
    const patch = { type: "merge", body: { metadata: { uid: "mine" } } } as const;
    const made = context.cluster.patch(configMapPath(context, "a"), patch, context);
    await refused(made, {
      status: 422,
      reason: "Invalid",
      message: /metadata\.uid: Invalid value: "mine": field is immutable/,
    });
  },
  "refuses a new name": async (context) => {
    await createConfigMap(context, "a");
    const patch = { type: "merge", body: { metadata: { name: "b" } } } as const;
    const made = context.cluster.patch(configMapPath(context, "a"), patch, context);
    await refused(made, {
      status: 400,
      reason: "BadRequest",
      message: "the name of the object (b) does not match the name on the URL (a)",
    });
  },
};
