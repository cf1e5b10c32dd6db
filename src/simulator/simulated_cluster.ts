// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../language/mod.ts";
import type {
  Abortable,
  Cluster,
  KubernetesObject,
  ObjectPath,
  PatchRequest,
  ResourcePath,
  ResourceType,
  WatchEvent,
} from "../runtime/ports.ts";
import type { ApiServer } from "./api_server.ts";
import type { ClusterCall, Intercept } from "./faults.ts";
import type { ServedResource } from "./served_resource.ts";
import type { ObjectTarget } from "./server_state.ts";
import {
  badRequest,
  methodNotAllowed,
  notServed,
  StatusError,
  toClusterError,
} from "./status_error.ts";
import type { WatchFeed } from "./watch_hub.ts";

/** Name of the writer when a patch gives none. */
const FIELD_MANAGER = "koreo";

/** The Cluster port over a simulated API server. */
export function createSimulatedCluster(server: ApiServer, intercept: Intercept): Cluster {
  const { discovery } = server.state;

  async function call<T>(made: ClusterCall, options: Abortable, perform: () => T): Promise<T> {
    try {
      return await intercept(made, options, perform);
    } catch (error) {
      throw error instanceof StatusError ? toClusterError(error) : error;
    }
  }
  function resourceOf({ apiVersion, plural }: ResourcePath): ServedResource {
    const resource = discovery.byPlural(apiVersion, plural);
    if (resource === undefined) throw notServed();
    return resource;
  }
  function targetOf(path: ObjectPath): ObjectTarget {
    const resource = resourceOf(path);
    if (resource.namespaced !== (path.namespace !== undefined)) throw notServed();
    return { resource, namespace: path.namespace ?? "", name: path.name };
  }
  function placeOf(path: ResourcePath & { readonly namespace?: string }) {
    const resource = resourceOf(path);
    if (resource.namespaced && path.namespace === undefined) throw methodNotAllowed();
    if (!resource.namespaced && path.namespace !== undefined) throw notServed();
    return { resource, namespace: path.namespace ?? "" };
  }

  return {
    discover: (kind, options) =>
      call(
        { verb: "discover", apiVersion: kind.apiVersion, kind: kind.kind },
        options,
        () => describe(discovery.byKind(kind.apiVersion, kind.kind)),
      ),
    get: (path, options) =>
      call(
        describeCall("get", path),
        options,
        () => absentAsUndefined(() => server.get(targetOf(path))),
      ),
    create: (path, body, options) =>
      call(
        { ...describeCall("create", path, body), ...named(body) },
        options,
        () => server.create(placeOf(path), body, { fieldManager: FIELD_MANAGER }),
      ),
    patch: (path, patch, options) =>
      call(describePatch(path, patch), options, () =>
        server.patch(targetOf(path), patch, {
          fieldManager: patch.fieldManager ?? FIELD_MANAGER,
          subresource: patch.subresource,
        })),
    delete: (path, request, options) =>
      call(describeCall("delete", path, { ...request }), options, () => {
        server.delete(targetOf(path), request);
      }),
    list: (path, selection, options) =>
      call(describeCall("list", { ...path, ...namespaceOf(selection) }), options, () => {
        const page = server.list(resourceOf(path), selection);
        return {
          items: selection.metadataOnly ? page.items.map(onlyMetadata) : page.items,
          resourceVersion: String(page.version),
          ...(page.continue === undefined ? {} : { continue: page.continue }),
        };
      }),
    async *watch(path, selection, options) {
      const made = describeCall("watch", { ...path, ...namespaceOf(selection) });
      const feed = await call(made, options, () =>
        server.watch(resourceOf(path), {
          ...selection,
          version: parseVersion(selection.resourceVersion),
        }));
      const { signal } = options;
      options.onOpen?.();
      yield* readFeed(feed, { signal, metadataOnly: selection.metadataOnly ?? false });
    },
  };
}

async function* readFeed(
  feed: WatchFeed,
  { signal, metadataOnly }: Abortable & { readonly metadataOnly: boolean },
): AsyncGenerator<WatchEvent, void> {
  const close = () => feed.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const event = await feed.next();
      signal.throwIfAborted();
      if (event === undefined) return;
      yield metadataOnly ? { ...event, object: onlyMetadata(event.object) } : event;
    }
  } catch (error) {
    throw error instanceof StatusError ? toClusterError(error) : error;
  } finally {
    signal.removeEventListener("abort", close);
    feed.close();
  }
}

/** The object without anything but its kind and metadata. */
function onlyMetadata({ apiVersion, kind, metadata }: KubernetesObject): KubernetesObject {
  return Object.freeze({ apiVersion, kind, metadata });
}

function absentAsUndefined(read: () => KubernetesObject): KubernetesObject | undefined {
  try {
    return read();
  } catch (error) {
    // A 404 with a name speaks of the object; one without, of the kind.
    if (error instanceof StatusError && error.code === 404 && error.details.name) return undefined;
    throw error;
  }
}

function describe(resource: ServedResource | undefined): ResourceType | undefined {
  if (resource === undefined) return undefined;
  const { apiVersion, kind, plural, namespaced, hasStatus } = resource;
  return { apiVersion, kind, plural, namespaced, hasStatus };
}

function describeCall(
  verb: ClusterCall["verb"],
  path: ResourcePath & { readonly namespace?: string; readonly name?: string },
  body?: JsonValue,
): ClusterCall {
  const { apiVersion, kind, namespace, name } = path;
  return {
    verb,
    apiVersion,
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(body === undefined ? {} : { body }),
  };
}

function describePatch(path: ObjectPath, patch: PatchRequest): ClusterCall {
  const { subresource } = patch;
  const made = describeCall("patch", path, patch.body);
  return subresource === undefined ? made : { ...made, subresource };
}

function named(body: KubernetesObject): { readonly name?: string } {
  const name = body.metadata?.name;
  return typeof name === "string" ? { name } : {};
}

function namespaceOf(
  { namespace }: { readonly namespace?: string },
): { readonly namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}

/** The number that a resourceVersion is. */
function parseVersion(resourceVersion: string): number {
  if (/^\d{1,15}$/.test(resourceVersion)) return Number(resourceVersion);
  throw badRequest(`Invalid resource version: ${JSON.stringify(resourceVersion)}`);
}
