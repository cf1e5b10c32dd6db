// SPDX-License-Identifier: Apache-2.0

import { isJsonList, type JsonValue, member } from "../../language/mod.ts";
import {
  type Abortable,
  type Cluster,
  ClusterError,
  type DeleteRequest,
  type KubernetesObject,
  type ObjectList,
  type ObjectPath,
  type PatchRequest,
  type PatchType,
  type ResourcePath,
  type Selection,
  type WatchEvent,
} from "../../runtime/ports.ts";
import type { ApiRequest, ApiTransport } from "./api_transport.ts";
import { printExactJson } from "./exact_json.ts";
import { createResourceDiscovery } from "./resource_discovery.ts";
import { type Query, resourcePath } from "./resource_url.ts";
import { asKind, watchEvents } from "./watch_events.ts";

const JSON_TYPE = "application/json";
const PATCH_CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml", // JSON is YAML, and servers know no JSON form
};
const LIST_OF_METADATA =
  "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
const WATCH_OF_METADATA =
  "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/** How long watches live. */
export interface WatchSettings {
  /** Longest silence; servers send a bookmark about every minute. */
  readonly watchIdleMs: number;
  /** After how long the server is asked to end a watch, in seconds, drawn anew for each. */
  watchSeconds(): number;
}

/** The Cluster port over the API of a real server. */
export function createKubernetesCluster(
  transport: ApiTransport,
  settings: WatchSettings,
): Cluster {
  const discovery = createResourceDiscovery(transport);

  /** Sends; when the path itself is unknown, what discovery said about its kind is outdated. */
  async function send(
    path: ResourcePath,
    request: ApiRequest,
    options: Abortable,
  ): Promise<JsonValue> {
    try {
      return await transport.send({ ...request, isSecret: isSecret(path) }, options);
    } catch (error) {
      if (isPathUnknown(error)) discovery.forget(path.apiVersion);
      throw error;
    }
  }

  return {
    discover: (kind, options) => discovery.find(kind, options),
    async get(path, options) {
      try {
        return asKind(await send(path, getRequest(path), options), path);
      } catch (error) {
        if (isObjectMissing(error)) return undefined;
        throw error;
      }
    },
    create: async (path, body, options) =>
      asKind(await send(path, createRequest(path, body), options), path),
    patch: async (path, patch, options) =>
      asKind(await send(path, patchRequest(path, patch), options), path),
    async delete(path, request, options) {
      await send(path, deleteRequest(path, request), options);
    },
    list: async (path, selection, options) =>
      objectList(path, await send(path, listRequest(path, selection), options)),
    async *watch(
      path,
      selection,
      { signal, onOpen },
    ): AsyncGenerator<WatchEvent, void, undefined> {
      const request = watchRequest(path, { ...selection, seconds: settings.watchSeconds() });
      try {
        yield* watchEvents(
          transport.stream(request, {
            signal,
            idleMs: settings.watchIdleMs,
            ...(onOpen === undefined ? {} : { onOpen }),
          }),
          path,
        );
      } catch (error) {
        if (isPathUnknown(error)) discovery.forget(path.apiVersion);
        throw error;
      }
    },
  };
}

function getRequest(path: ObjectPath): ApiRequest {
  return { method: "GET", path: resourcePath(path), doing: doing("get", path) };
}

function createRequest(
  path: ResourcePath & { readonly namespace?: string },
  body: KubernetesObject,
): ApiRequest {
  const { apiVersion, plural, namespace } = path;
  return {
    method: "POST",
    path: resourcePath({ apiVersion, plural, ...(namespace === undefined ? {} : { namespace }) }),
    doing: doing("create", { ...path, name: nameOf(body) }),
    contentType: JSON_TYPE,
    body: printExactJson(body),
  };
}

function patchRequest(path: ObjectPath, patch: PatchRequest): ApiRequest {
  const { subresource, fieldManager, force } = patch;
  const address = subresource === undefined ? path : { ...path, subresource };
  return {
    method: "PATCH",
    path: resourcePath(address, { fieldManager, force }),
    doing: doing(subresource === undefined ? "patch" : `patch the ${subresource} of`, path),
    contentType: PATCH_CONTENT_TYPES[patch.type],
    body: printExactJson(patch.body),
  };
}

function deleteRequest(path: ObjectPath, request: DeleteRequest): ApiRequest {
  const { propagation, ...preconditions } = request;
  return {
    method: "DELETE",
    path: resourcePath(path),
    doing: doing("delete", path),
    contentType: JSON_TYPE,
    body: printExactJson({
      apiVersion: "v1",
      kind: "DeleteOptions",
      ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
      ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
    }),
  };
}

function listRequest(
  path: ResourcePath,
  selection: Selection & { readonly limit?: number; readonly continue?: string },
): ApiRequest {
  const { limit, continue: token } = selection;
  return {
    method: "GET",
    path: resourcePath(collection(path, selection), {
      ...selectors(selection),
      limit,
      continue: token,
    }),
    doing: doing("list", { ...path, ...scope(selection) }),
    ...(selection.metadataOnly === true ? { accept: LIST_OF_METADATA } : {}),
  };
}

function watchRequest(
  path: ResourcePath,
  selection: Selection & { readonly resourceVersion: string; readonly seconds: number },
): ApiRequest {
  return {
    method: "GET",
    path: resourcePath(collection(path, selection), {
      ...selectors(selection),
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: selection.resourceVersion,
      timeoutSeconds: Math.ceil(selection.seconds),
    }),
    doing: doing("watch", { ...path, ...scope(selection) }),
    ...(selection.metadataOnly === true ? { accept: WATCH_OF_METADATA } : {}),
  };
}

function collection({ apiVersion, plural }: ResourcePath, selection: Selection) {
  return { apiVersion, plural, ...scope(selection) };
}

function scope({ namespace }: Selection): { readonly namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}

function selectors({ labelSelector, fieldSelector }: Selection): Query {
  return { labelSelector, fieldSelector };
}

function objectList(path: ResourcePath, list: JsonValue): ObjectList {
  const items = member(list, "items");
  const metadata = member(list, "metadata");
  const resourceVersion = member(metadata, "resourceVersion");
  const token = member(metadata, "continue");
  return {
    items: (isJsonList(items) ? items : []).map((item) => asKind(item, path)),
    resourceVersion: typeof resourceVersion === "string" ? resourceVersion : "",
    ...(typeof token === "string" && token !== "" ? { continue: token } : {}),
  };
}

/** In words: `patch deployments "team-a/logs"`. */
function doing(
  verb: string,
  path: ResourcePath & { readonly namespace?: string; readonly name?: string },
): string {
  const { plural, namespace, name } = path;
  if (name === undefined) {
    return `${verb} ${plural}${namespace === undefined ? "" : ` in namespace "${namespace}"`}`;
  }
  return `${verb} ${plural} "${namespace === undefined ? name : `${namespace}/${name}`}"`;
}

function nameOf(body: KubernetesObject): string {
  const name = member(body.metadata, "name") ?? member(body.metadata, "generateName");
  return typeof name === "string" ? name : "";
}

function isSecret({ apiVersion, plural }: ResourcePath): boolean {
  return apiVersion === "v1" && plural === "secrets";
}

/** A 404 that names an object: the kind is served, the object is not there. */
function isObjectMissing(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 404 &&
    error.subject?.name !== undefined;
}

/** A 404 that names nothing: the kind is not served. */
function isPathUnknown(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 404 &&
    error.subject?.name === undefined;
}
