// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, member } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import { acceptedNames, DEFINITIONS } from "./custom_resources.ts";
import { withKeys } from "./json_values.ts";
import type { ServerState } from "./server_state.ts";

type Prepare = (object: KubernetesObject, state: ServerState) => KubernetesObject;

// Only what clients read right after a create: built-in kinds have no schema, and few defaults.
const PREPARE: Readonly<Record<string, Prepare>> = {
  "/namespaces": prepareNamespace,
  "/services": prepareService,
  "/secrets": prepareSecret,
  [DEFINITIONS]: prepareDefinition,
  "/pods": (object) => withStatus(object, { phase: "Pending" }),
  "/persistentvolumeclaims": (object) => withStatus(object, { phase: "Pending" }),
  "/persistentvolumes": (object) => withStatus(object, { phase: "Pending" }),
  "networking.k8s.io/ingresses": (object) => withStatus(object, { loadBalancer: {} }),
};

/** What the server fills in when an object of a built-in kind is created. */
export function prepareKind(
  storage: string,
  object: KubernetesObject,
  state: ServerState,
): KubernetesObject {
  return withDefaults(storage, PREPARE[storage]?.(object, state) ?? object);
}

const SCALED = new Set(["apps/deployments", "apps/replicasets", "apps/statefulsets"]);

/** Fields that clients take for granted: kubectl cannot describe a Deployment without replicas. */
export function withDefaults(storage: string, object: KubernetesObject): KubernetesObject {
  if (!SCALED.has(storage) || !isJsonObject(object.spec)) return object;
  const { replicas } = object.spec;
  if (replicas !== undefined && replicas !== null) return object;
  return { ...object, spec: { ...object.spec, replicas: 1 } };
}

function prepareNamespace(object: KubernetesObject): KubernetesObject {
  const { labels, name } = object.metadata;
  const own: JsonObject = { "kubernetes.io/metadata.name": name ?? "" };
  const metadata = withKeys(object.metadata, {
    labels: isJsonObject(labels) ? { ...labels, ...own } : own,
  });
  return withStatus({ ...object, metadata, spec: { finalizers: ["kubernetes"] } }, {
    phase: "Active",
  });
}

function prepareDefinition(object: KubernetesObject): KubernetesObject {
  if (!isJsonObject(object.spec)) return object;
  return { ...object, spec: { ...object.spec, names: acceptedNames(object.spec.names) } };
}

function prepareService(object: KubernetesObject, state: ServerState): KubernetesObject {
  const spec = isJsonObject(object.spec) ? object.spec : {};
  const type = spec.type ?? "ClusterIP";
  const filled = withKeys(spec, {
    type,
    sessionAffinity: spec.sessionAffinity ?? "None",
    ...(type === "ExternalName" ? {} : clusterAddress(spec, state)),
  });
  return withStatus({ ...object, spec: filled }, { loadBalancer: {} });
}

function clusterAddress(spec: JsonObject, state: ServerState): JsonObject {
  const clusterIP = typeof spec.clusterIP === "string" && spec.clusterIP !== ""
    ? spec.clusterIP
    : freeAddress(state);
  return { clusterIP, clusterIPs: spec.clusterIPs ?? [clusterIP] };
}

// The version of the next write is never used twice, and so neither is the address made of it.
function freeAddress(state: ServerState): string {
  const number = state.store.version + 1;
  return `10.${96 + ((number >> 16) & 15)}.${(number >> 8) & 255}.${number & 255}`;
}

function prepareSecret(object: KubernetesObject): KubernetesObject {
  const texts = object.stringData;
  const typed = { ...object, type: object.type ?? "Opaque" };
  if (!isJsonObject(texts)) return typed;
  const encoded = Object.entries(texts).map(([key, text]) => [key, toBase64(String(text))]);
  const held = isJsonObject(object.data) ? object.data : {};
  return withKeys(typed, {
    stringData: undefined,
    data: { ...held, ...Object.fromEntries(encoded) },
  });
}

const EMPTIABLE_METADATA = ["labels", "annotations", "finalizers", "ownerReferences"];
const EMPTIABLE: Readonly<Record<string, readonly string[]>> = {
  "/configmaps": ["data", "binaryData"],
  "/secrets": ["data"],
};

/** The object without the empty maps and lists that a typed server does not keep. */
export function withoutEmpties(storage: string, object: KubernetesObject): KubernetesObject {
  const content = emptied(object, EMPTIABLE[storage] ?? []);
  const metadata = emptied(object.metadata, EMPTIABLE_METADATA);
  return metadata === object.metadata ? content : { ...content, metadata };
}

function emptied<T extends JsonObject>(object: T, keys: readonly string[]): T {
  const empty = keys.filter((key) => {
    const value = object[key];
    return value === null || (typeof value === "object" && Object.keys(value).length === 0);
  });
  if (empty.length === 0) return object;
  return withKeys(object, Object.fromEntries(empty.map((key) => [key, undefined])));
}

/** Moves what a Secret's `stringData` holds into its `data`, as the server does on every write. */
export function foldStringData(storage: string, object: KubernetesObject): KubernetesObject {
  return storage === "/secrets" ? prepareSecret(object) : object;
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function withStatus(object: KubernetesObject, status: JsonObject): KubernetesObject {
  return { ...object, status };
}

/** Fields that the server keeps when an update leaves them out. */
export function keepAllocated(
  storage: string,
  before: KubernetesObject,
  after: KubernetesObject,
): KubernetesObject {
  if (storage !== "/services") return after;
  const spec: JsonValue | undefined = after.spec;
  if (!isJsonObject(spec) || spec.clusterIP || spec.type === "ExternalName") return after;
  const clusterIP = member(before.spec, "clusterIP");
  const clusterIPs = member(before.spec, "clusterIPs");
  return { ...after, spec: withKeys(spec, { clusterIP, clusterIPs }) };
}
