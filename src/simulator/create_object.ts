// SPDX-License-Identifier: Apache-2.0

import { isJsonObject } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import { contentFaults } from "./built_in_rules.ts";
import { schemaFaults, shapeCustomObject } from "./custom_schema.ts";
import { DEFINITIONS } from "./custom_resources.ts";
import { admitObject, withKeys } from "./json_values.ts";
import { prepareKind, withoutEmpties } from "./kind_rules.ts";
import { trackUpdate } from "./managed_fields.ts";
import { createFaults, unreadableField } from "./metadata_rules.ts";
import { randomSuffix, randomUuid } from "./seeded_random.ts";
import type { ServedResource } from "./served_resource.ts";
import {
  asStored,
  inVersion,
  keyOf,
  type ObjectTarget,
  type ServerState,
  type WriteOptions,
} from "./server_state.ts";
import {
  alreadyExists,
  badRequest,
  forbidden,
  invalid,
  notFound,
  StatusError,
} from "./status_error.ts";
import { formatTimestamp } from "./timestamp.ts";

/** Creates an object and returns it as stored. */
export function createObject(
  state: ServerState,
  place: { readonly resource: ServedResource; readonly namespace: string },
  body: KubernetesObject,
  options: WriteOptions,
): KubernetesObject {
  const { resource, namespace } = place;
  const given = admitObject(body);
  checkBody(resource, namespace, given);
  checkNamespace(state, { ...place, name: nameOf(given) });
  const named = fillMetadata(state, place, given);
  const prepared = prepareCreated(state, resource, named);
  const target = { ...place, name: nameOf(prepared) };
  const faults = [
    ...createFaults(resource.storage, prepared.metadata),
    ...contentFaults(resource.storage, prepared),
    ...schemaFaults(resource, prepared),
  ];
  if (faults.length > 0) throw invalid(resource, target.name, faults);
  if (state.store.read(keyOf(target))) throw alreadyExists(resource, target.name);
  const tracked = trackUpdate(state, resource, {
    live: undefined,
    next: prepared,
    ...options,
  });
  return storeCreated(state, target, { object: tracked, dryRun: options.dryRun });
}

/** Stores what has been prepared. */
export function storeCreated(
  state: ServerState,
  target: ObjectTarget,
  what: { readonly object: KubernetesObject; readonly dryRun?: boolean | undefined },
): KubernetesObject {
  const { resource } = target;
  if (what.dryRun) return inVersion(resource, what.object);
  const object = asStored(resource, what.object);
  return inVersion(resource, state.store.write(keyOf(target), object));
}

/** The object without what its kind or the server does not let a creator set. */
export function prepareCreated(
  state: ServerState,
  resource: ServedResource,
  object: KubernetesObject,
): KubernetesObject {
  const withoutStatus = resource.hasStatus ? withKeys(object, { status: undefined }) : object;
  const kept = withoutEmpties(resource.storage, withoutStatus);
  const prepared = prepareKind(resource.storage, kept, state);
  return shapeCustomObject(resource, prepared);
}

/** The object with the metadata that the server sets at creation. */
export function fillMetadata(
  state: ServerState,
  place: { readonly resource: ServedResource; readonly namespace: string },
  object: KubernetesObject,
): KubernetesObject {
  const { resource, namespace } = place;
  const { name, generateName } = object.metadata;
  const generated = !name && typeof generateName === "string" && generateName !== ""
    ? generateName.slice(0, 58) + randomSuffix(state.random)
    : undefined;
  const metadata = withKeys(object.metadata, {
    ...(generated === undefined ? {} : { name: generated }),
    namespace: namespace === "" ? undefined : namespace,
    uid: randomUuid(state.random),
    creationTimestamp: formatTimestamp(state.clock.now()),
    generation: resource.countsGenerations ? 1 : undefined,
    resourceVersion: undefined,
    selfLink: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  });
  return { ...object, apiVersion: resource.apiVersion, kind: resource.kind, metadata };
}

/** Refuses a body that does not belong where it was sent to. */
function checkBody(
  resource: ServedResource,
  namespace: string,
  body: KubernetesObject,
): void {
  checkKind(resource, body);
  if (!isJsonObject(body.metadata)) throw badRequest("metadata must be an object");
  if (body.metadata.namespace !== undefined && body.metadata.namespace !== namespace) {
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
  if (body.metadata.resourceVersion) {
    throw new StatusError(500, "", "resourceVersion should not be set on objects to be created");
  }
}

/** Refuses a body of another kind than the resource's, and one that cannot be read as it. */
export function checkKind(resource: ServedResource, body: KubernetesObject): void {
  const refuse = (why: string) =>
    badRequest(
      `${body.kind} in version "${body.apiVersion}" cannot be handled as a ${resource.kind}: ${why}`,
    );
  if (body.kind !== resource.kind || body.apiVersion !== resource.apiVersion) {
    throw refuse(`expected ${resource.kind} in version "${resource.apiVersion}"`);
  }
  const field = unreadableField(resource.storage, body);
  if (field !== undefined) throw refuse(`json: cannot unmarshal field ${field}`);
}

/** Refuses new objects in a namespace that is missing, or where something is on its way out. */
export function checkNamespace(state: ServerState, target: ObjectTarget): void {
  const { resource, namespace, name } = target;
  checkDefinition(state, target);
  if (!resource.namespaced) return;
  if (namespace === "") {
    throw badRequest("an empty namespace may not be set during creation");
  }
  const found = state.store.read({ storage: "/namespaces", namespace: "", name: namespace });
  if (found === undefined) {
    throw notFound({ group: "", kind: "Namespace", plural: "namespaces" }, namespace);
  }
  if (found.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being ` +
    "terminated";
  throw forbidden(resource, name, why, [{
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  }]);
}

function checkDefinition(state: ServerState, { resource, name }: ObjectTarget): void {
  if (resource.custom === undefined) return;
  const definition = state.store.read({
    storage: DEFINITIONS,
    namespace: "",
    name: resource.custom.definition,
  });
  if (definition?.metadata.deletionTimestamp === undefined) return;
  const why = "create not allowed while custom resource definition is terminating";
  throw forbidden(resource, name, why);
}

function nameOf(object: KubernetesObject): string {
  return typeof object.metadata.name === "string" ? object.metadata.name : "";
}
