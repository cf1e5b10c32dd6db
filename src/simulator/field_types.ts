// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, member, memberAt } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";
import type { ServedResource } from "./served_resource.ts";

/** How the items of a list are told apart when writers share it. */
export type ListType =
  /** They are not: the list has one owner. */
  | { readonly type: "atomic" }
  /** By their value. */
  | { readonly type: "set" }
  /** By these keys, a missing one having its default. */
  | {
    readonly type: "map";
    readonly keys: readonly string[];
    readonly defaults: JsonObject;
  };

/** What server-side apply has to know of the type of a value. */
export interface FieldType {
  readonly list: ListType;
  /** Whether an object has one owner as a whole. */
  readonly isAtomic: boolean;
  field(name: string): FieldType;
  item(): FieldType;
}

/** The type of a kind's objects. */
export function objectType(resource: ServedResource): FieldType {
  if (resource.custom === undefined) return builtInType("", "");
  const custom = schemaType(resource.custom.schema);
  return {
    ...custom,
    field: (name) => name === "metadata" ? builtInType("", "metadata") : custom.field(name),
  };
}

/**
 * Lists of built-in kinds that writers share, by the fields around them (the nearest first, `*`
 * for any), from the OpenAPI of Kubernetes 1.34.
 */
const SHARED_LISTS: Readonly<Record<string, readonly string[]>> = {
  "* conditions": ["type"],
  "* containers": ["name"],
  "* initContainers": ["name"],
  "* ephemeralContainers": ["name"],
  "* env": ["name"],
  "* hostAliases": ["ip"],
  "* podIPs": ["ip"],
  "* resourceClaims": ["name"],
  "* schedulingGates": ["name"],
  "* topologySpreadConstraints": ["topologyKey", "whenUnsatisfiable"],
  "* volumeDevices": ["devicePath"],
  "* volumeMounts": ["mountPath"],
  "* volumes": ["name"],
  "* secrets": ["name"],
  "metadata ownerReferences": ["uid"],
  "containers ports": ["containerPort", "protocol"],
  "initContainers ports": ["containerPort", "protocol"],
  "ephemeralContainers ports": ["containerPort", "protocol"],
  "spec imagePullSecrets": ["name"],
  "spec ports": ["port", "protocol"],
  "resources claims": ["name"],
  "status addresses": ["type"],
};

const SETS = new Set(["metadata finalizers", "spec podCIDRs"]);

const ATOMIC_MAPS = new Set([
  ...["configMapKeyRef", "secretKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef"],
  ...["selector", "labelSelector", "namespaceSelector", "podSelector", "nodeSelector"],
  ...["scopeSelector", "roleRef", "secretRef", "dataSource", "involvedObject", "related"],
  ...["preference", "targetRef", "controllerExpandSecretRef", "controllerPublishSecretRef"],
  ...["nodeExpandSecretRef", "nodePublishSecretRef", "nodeStageSecretRef"],
  ...["requiredDuringSchedulingIgnoredDuringExecution"],
]);

const LIST_DEFAULTS: JsonObject = { protocol: "TCP" };

function builtInType(parent: string, name: string): FieldType {
  // Asked for at every field of every write: nothing is looked up before it is needed.
  return {
    get list() {
      return builtInList(parent, name);
    },
    get isAtomic() {
      return ATOMIC_MAPS.has(name) || (parent === "backend" && name === "resource");
    },
    field: (next) => builtInType(name, next),
    // An item has the name of its list: fields of a container lie below "containers".
    item: () => builtInType(parent, name),
  };
}

function builtInList(parent: string, name: string): ListType {
  if (SETS.has(`${parent} ${name}`)) return { type: "set" };
  const keys = SHARED_LISTS[`${parent} ${name}`] ?? SHARED_LISTS[`* ${name}`];
  if (keys === undefined) return { type: "atomic" };
  return { type: "map", keys, defaults: LIST_DEFAULTS };
}

function schemaType(schema: JsonValue | undefined): FieldType {
  return {
    get list() {
      return schemaList(schema);
    },
    get isAtomic() {
      return member(schema, "x-kubernetes-map-type") === "atomic";
    },
    field: (name) =>
      isEmbedded(schema) && name === "metadata"
        ? builtInType("", "metadata")
        : schemaType(fieldSchema(schema, name)),
    item: () => schemaType(member(schema, "items")),
  };
}

function isEmbedded(schema: JsonValue | undefined): boolean {
  return member(schema, "x-kubernetes-embedded-resource") === true;
}

function fieldSchema(schema: JsonValue | undefined, name: string): JsonValue | undefined {
  return memberAt(schema, "properties", name) ?? member(schema, "additionalProperties");
}

function schemaList(schema: JsonValue | undefined): ListType {
  const type = member(schema, "x-kubernetes-list-type");
  if (type === "set") return { type: "set" };
  const keys = member(schema, "x-kubernetes-list-map-keys");
  if (type !== "map" || !isJsonList(keys)) return { type: "atomic" };
  const names = keys.filter((key) => typeof key === "string");
  const properties = memberAt(schema, "items", "properties");
  const defaults = names.map((key) => [key, memberAt(properties, key, "default")] as const)
    .filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
  return { type: "map", keys: names, defaults: Object.fromEntries(defaults) };
}

/** The path element of a list's item; `undefined` when the item lacks its keys. */
export function itemElement(list: ListType, item: JsonValue): string | undefined {
  switch (list.type) {
    case "atomic":
      return undefined;
    case "set":
      return `v:${JSON.stringify(item)}`;
    case "map":
      return keyElement(list, item);
    default:
      return unreachable(list);
  }
}

function keyElement(
  { keys, defaults }: Extract<ListType, { readonly type: "map" }>,
  item: JsonValue,
): string | undefined {
  if (!isJsonObject(item)) return undefined;
  const found = keys.toSorted().map((key) => [key, item[key] ?? defaults[key]] as const)
    .filter(([, value]) => value !== undefined);
  if (found.length === 0) return undefined;
  return `k:${JSON.stringify(Object.fromEntries(found))}`;
}

function unreachable(value: never): never {
  throw new TypeError(`Cannot handle ${String(value)}`);
}
