// SPDX-License-Identifier: Apache-2.0

import { deepEqual, ok } from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../../src/language/mod.ts";
import { memberAt } from "../../../src/language/mod.ts";
import {
  type Cluster,
  ClusterError,
  type KubernetesObject,
  type ObjectPath,
  type ResourcePath,
  type ResourceType,
} from "../../../src/runtime/ports.ts";

/** A cluster with a namespace of the case's own. */
export interface ClusterFixture extends AsyncDisposable {
  readonly cluster: Cluster;
  /** Exists, is used by nobody else, and its name is unique within the cluster. */
  readonly namespace: string;
  /**
   * Asks again until the answer is not `undefined`, and rejects when that takes too long: what
   * controllers of a cluster do follows a request some time later.
   */
  eventually<T>(ask: () => Promise<T | undefined>): Promise<T>;
}

/** A fixture in use. */
export interface ContractContext extends Omit<ClusterFixture, typeof Symbol.asyncDispose> {
  readonly signal: AbortSignal;
}

/** Cases by what they show. */
export type ContractCases = Readonly<Record<string, (context: ContractContext) => Promise<void>>>;

export const CONFIG_MAPS = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" } as const;
export const SECRETS = { apiVersion: "v1", kind: "Secret", plural: "secrets" } as const;
export const SERVICES = { apiVersion: "v1", kind: "Service", plural: "services" } as const;
export const NAMESPACES = { apiVersion: "v1", kind: "Namespace", plural: "namespaces" } as const;
export const DEPLOYMENTS = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  plural: "deployments",
} as const;
export const DEFINITIONS = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
} as const;

/** A ConfigMap. */
export function configMap(
  name: string,
  data: JsonObject = {},
  metadata: JsonObject = {},
): KubernetesObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data };
}

/** Creates a ConfigMap in the namespace of the case. */
export function createConfigMap(
  { cluster, namespace, signal }: ContractContext,
  name: string,
  { data = {}, metadata = {} }: { readonly data?: JsonObject; readonly metadata?: JsonObject } = {},
): Promise<KubernetesObject> {
  return cluster.create({ ...CONFIG_MAPS, namespace }, configMap(name, data, metadata), { signal });
}

/** Path of a ConfigMap in the namespace of the case. */
export function configMapPath({ namespace }: ContractContext, name: string): ObjectPath {
  return { ...CONFIG_MAPS, namespace, name };
}

/** A Deployment that a real server takes. */
export function deployment(name: string, spec: JsonObject = {}): KubernetesObject {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "main", image: "example.com/main:1" }] },
      },
      ...spec,
    },
  };
}

/** An owner reference to an object. */
export function ownerReference(owner: KubernetesObject, more: JsonObject = {}): JsonObject {
  const { name, uid } = owner.metadata;
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: name ?? "",
    uid: uid ?? "",
    ...more,
  };
}

/** The value at a path of an object. */
export function at(object: KubernetesObject | undefined, path: string): JsonValue | undefined {
  return memberAt(object, ...path.split("."));
}

/** What a refusal says. */
export interface Refused {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string | RegExp;
  readonly subject?: { readonly kind?: string; readonly name?: string };
}

/** Checks that a request is refused, and how. */
export async function refused(request: Promise<unknown>, expected: Refused): Promise<ClusterError> {
  const error = await request.then(() => undefined, (reason: unknown) => reason);
  ok(error instanceof ClusterError, `expected a refusal, found ${String(error)}`);
  deepEqual([error.code, error.status], ["refused", expected.status], error.message);
  if (expected.reason !== undefined) deepEqual(error.reason, expected.reason, error.message);
  if (expected.subject !== undefined) deepEqual(error.subject, expected.subject, error.message);
  if (typeof expected.message === "string") deepEqual(error.message, expected.message);
  else if (expected.message !== undefined) ok(expected.message.test(error.message), error.message);
  return error;
}

/** Waits until an object is gone. */
export function gone(context: ContractContext, path: ObjectPath): Promise<true> {
  const { cluster, signal, eventually } = context;
  return eventually(async () => (await cluster.get(path, { signal })) === undefined || undefined);
}

/** Waits until discovery knows a kind. */
export function served(
  { cluster, signal, eventually }: ContractContext,
  kind: Pick<ResourceType, "apiVersion" | "kind">,
): Promise<ResourceType> {
  return eventually(() => cluster.discover(kind, { signal }));
}

/** A custom kind of the case's own. */
export interface CustomKindOptions {
  readonly schema?: JsonObject;
  readonly scope?: "Namespaced" | "Cluster";
  /** Default: with. */
  readonly hasStatus?: boolean;
}

/** Creates a definition of the kind `Widget` in a group of the case's own and waits for it. */
export async function defineWidget(
  context: ContractContext,
  options: CustomKindOptions = {},
): Promise<ResourcePath & { readonly definition: string; readonly type: ResourceType }> {
  const group = `${context.namespace}.example.com`;
  const definition = `widgets.${group}`;
  await context.cluster.create(DEFINITIONS, widgetDefinition(group, options), context);
  const type = await served(context, { apiVersion: `${group}/v1`, kind: "Widget" });
  const path = { apiVersion: `${group}/v1`, kind: "Widget", plural: "widgets" };
  // A server answers 404 or 405 for a moment after discovery shows the kind.
  await context.eventually(() => context.cluster.list(path, {}, context).catch(() => undefined));
  return { ...path, definition, type };
}

const OPEN_SCHEMA: JsonObject = {
  type: "object",
  properties: {
    spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
};

function widgetDefinition(group: string, options: CustomKindOptions): KubernetesObject {
  const { schema = OPEN_SCHEMA, scope = "Namespaced", hasStatus = true } = options;
  return {
    apiVersion: DEFINITIONS.apiVersion,
    kind: DEFINITIONS.kind,
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope,
      names: { kind: "Widget", plural: "widgets" },
      versions: [{
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        ...(hasStatus ? { subresources: { status: {} } } : {}),
      }],
    },
  };
}

/** Removes the definition that {@linkcode defineWidget} made. */
export async function withdrawWidget(
  context: ContractContext,
  definition: string,
): Promise<void> {
  await context.cluster.delete({ ...DEFINITIONS, name: definition }, {}, context);
}
