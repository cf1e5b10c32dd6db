// SPDX-License-Identifier: Apache-2.0

import type { DeleteRequest, KubernetesObject, Selection } from "../runtime/ports.ts";
import { type Controllers, createControllers } from "./controllers.ts";
import { createObject } from "./create_object.ts";
import { deleteObject, type Deletion } from "./delete_object.ts";
import { createDiscovery } from "./discovery.ts";
import { admitObject } from "./json_values.ts";
import { createObjectStore } from "./object_store.ts";
import { patchObject, type ServerPatch } from "./patch_object.ts";
import { createListing, type ListPage, type ListRequest, watchObjects } from "./read_objects.ts";
import type { ServedResource } from "./served_resource.ts";
import { type ObjectTarget, type ServerState, type WriteOptions } from "./server_state.ts";
import { invalidValue } from "./object_names.ts";
import { invalid, notServed } from "./status_error.ts";
import { liveObject, updateObject } from "./update_object.ts";
import type { WatchFeed, WatchLimits } from "./watch_hub.ts";

/**
 * The API server without a front: every request is one synchronous step.
 *
 * Refusals are thrown as {@linkcode StatusError}.
 */
export interface ApiServer {
  readonly state: ServerState;
  readonly controllers: Controllers;
  get(target: ObjectTarget): KubernetesObject;
  list(resource: ServedResource, request: ListRequest): ListPage;
  watch(
    resource: ServedResource,
    request: Omit<Selection, "metadataOnly"> & { readonly version: number },
  ): WatchFeed;
  create(
    place: { readonly resource: ServedResource; readonly namespace: string },
    body: KubernetesObject,
    options: WriteOptions,
  ): KubernetesObject;
  update(target: ObjectTarget, body: KubernetesObject, options: WriteOptions): KubernetesObject;
  patch(target: ObjectTarget, patch: ServerPatch, options: WriteOptions): KubernetesObject;
  delete(target: ObjectTarget, request: DeleteRequest & { readonly dryRun?: boolean }): Deletion;
}

/** An API server with no objects. `afterWrite` runs when a request may have changed something. */
export function createApiServer(
  world: Pick<ServerState, "clock" | "random">,
  limits: WatchLimits,
  afterWrite: (controllers: Controllers) => void,
): ApiServer {
  const store = createObjectStore(limits, (key, event) => controllers.observe(key, event));
  const state: ServerState = { ...world, store, discovery: createDiscovery() };
  const controllers = createControllers(state);
  const list = createListing(state);

  function written<T>(result: T): T {
    afterWrite(controllers);
    return result;
  }
  return {
    state,
    controllers,
    get: (target) => liveObject(state, target),
    list,
    watch: (resource, request) => watchObjects(state, resource, request),
    create: (place, body, options) => written(createObject(state, place, body, options)),
    update(target, body, options) {
      checkSubresource(target.resource, options.subresource);
      const admitted = admitObject(body);
      liveObject(state, target);
      checkUpdateVersion(target, admitted);
      return written(updateObject(state, target, () => admitted, options));
    },
    patch(target, patch, options) {
      checkSubresource(target.resource, options.subresource);
      return written(patchObject(state, target, patch, options));
    },
    delete: (target, request) => written(deleteObject(state, target, request)),
  };
}

// Custom kinds are updated only by who has seen their present state.
function checkUpdateVersion({ resource, name }: ObjectTarget, body: KubernetesObject): void {
  if (resource.custom === undefined || body.metadata?.resourceVersion) return;
  const subject = { ...resource, kind: resource.plural };
  throw invalid(subject, name, [
    invalidValue("metadata.resourceVersion", 0, "must be specified for an update"),
  ]);
}

function checkSubresource(resource: ServedResource, subresource: string | undefined): void {
  if (subresource === "status" && !resource.hasStatus) throw notServed();
}
