// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from "../../language/mod.ts";
import type { KubernetesObject, PatchRequest } from "../../runtime/ports.ts";
import type { ServerPatchType } from "../patch_object.ts";
import type { ServedResource } from "../served_resource.ts";
import { keyOf, type ObjectTarget } from "../server_state.ts";
import {
  badRequest,
  methodNotAllowed,
  notImplemented,
  notServed,
  unsupportedMediaType,
} from "../status_error.ts";
import { acceptedForm } from "./accepted_form.ts";
import { answerJson } from "./answer.ts";
import { deleteObjects, listObjects, watchObjects } from "./collection_requests.ts";
import {
  answerObject,
  call,
  checkFields,
  type ObjectRequest,
  type ObjectService,
} from "./object_request.ts";
import { mediaType, readBody, readObject } from "./request_body.ts";
import { deleteRequest, writeOptions } from "./request_options.ts";
import type { ResourceRoute } from "./route.ts";

/** Serves a request for objects of one kind. */
export function serveObjects(
  service: ObjectService,
  request: Request,
  route: ResourceRoute,
): Promise<Response> {
  const { discovery } = service.server.state;
  const resource = discovery.byPlural(route.apiVersion, route.plural);
  if (resource === undefined) throw notServed();
  if (route.namespace !== undefined && !resource.namespaced) throw notServed();
  if (route.subresource === "status" && !resource.hasStatus) throw notServed();
  const query = new URL(request.url).searchParams;
  const form = acceptedForm(request.headers.get("accept"), ["object", "table", "metadata"]);
  const asked: ObjectRequest = { service, request, query, route, resource, form };
  return route.name === undefined ? serveCollection(asked) : serveObject(asked, route.name);
}

function serveCollection(asked: ObjectRequest): Promise<Response> {
  switch (asked.request.method) {
    case "GET":
      return isWatch(asked.query) ? watchObjects(asked) : listObjects(asked);
    case "POST":
      if (asked.resource.namespaced && asked.route.namespace === undefined) {
        throw methodNotAllowed();
      }
      return create(asked);
    case "DELETE":
      return deleteObjects(asked);
    default:
      throw methodNotAllowed();
  }
}

function serveObject(asked: ObjectRequest, name: string): Promise<Response> {
  if (asked.resource.namespaced && asked.route.namespace === undefined) throw notServed();
  const target = targetOf(asked, name);
  switch (asked.request.method) {
    case "GET":
      return isWatch(asked.query) ? watchObjects(asked) : get(asked, target);
    case "PUT":
      return update(asked, target);
    case "PATCH":
      return patch(asked, target);
    case "DELETE":
      return remove(asked, target);
    default:
      throw methodNotAllowed();
  }
}

function isWatch(query: URLSearchParams): boolean {
  const value = query.get("watch");
  return value === "true" || value === "1";
}

function targetOf({ resource, route }: ObjectRequest, name: string): ObjectTarget {
  return { resource, namespace: route.namespace ?? "", name };
}

async function get(asked: ObjectRequest, target: ObjectTarget): Promise<Response> {
  checkReadable(asked.route.subresource);
  const object = await call(asked, { verb: "get" }, () => asked.service.server.get(target));
  return answerObject(asked, object);
}

function checkReadable(subresource: string | undefined): void {
  if (subresource === undefined || subresource === "status") return;
  throw notImplemented(`the subresource "${subresource}"`);
}

async function create(asked: ObjectRequest): Promise<Response> {
  const { request, query, route, resource, service: { server } } = asked;
  const body = statedObject(resource, await readObject(request));
  const headers = checkFields(asked, body);
  const options = writeOptions(request, query, route.subresource);
  const place = { resource, namespace: route.namespace ?? "" };
  const perform = () => server.create(place, body, options);
  const object = await call(asked, { verb: "create", body }, perform);
  return answerObject(asked, object, { status: 201, headers });
}

async function update(asked: ObjectRequest, target: ObjectTarget): Promise<Response> {
  const { request, query, route, resource, service: { server } } = asked;
  const body = statedObject(resource, await readObject(request));
  const headers = checkFields(asked, body);
  const options = writeOptions(request, query, route.subresource);
  const perform = () => server.update(target, body, options);
  const object = await call(asked, { verb: "update", body }, perform);
  return answerObject(asked, object, { headers });
}

// A body that does not say what it is is what its path says; the server checks the rest.
function statedObject({ apiVersion, kind }: ServedResource, body: JsonObject): KubernetesObject {
  return { apiVersion, kind, metadata: {}, ...body } as KubernetesObject;
}

const PATCH_TYPES: Readonly<Record<string, ServerPatchType>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/apply-patch+yaml": "apply",
  "application/strategic-merge-patch+json": "strategic",
};

async function patch(asked: ObjectRequest, target: ObjectTarget): Promise<Response> {
  const { request, query, route, resource, service: { server } } = asked;
  const type = patchType(request, resource);
  const body = await readBody(request);
  if (body === undefined) throw badRequest("a patch must have a body");
  const headers = type === "apply" ? checkFields(asked, body) : {};
  const options = writeOptions(request, query, route.subresource);
  const isNew = type === "apply" && server.state.store.read(keyOf(target)) === undefined;
  const perform = () => server.patch(target, { type, body, ...patchOptions(query) }, options);
  const object = await call(asked, { verb: "patch", body }, perform);
  return answerObject(asked, object, { status: isNew ? 201 : 200, headers });
}

function patchType(request: Request, resource: ServedResource): ServerPatchType {
  const type = PATCH_TYPES[mediaType(request)];
  if (type !== undefined && !(type === "strategic" && resource.custom)) return type;
  const accepted = Object.keys(PATCH_TYPES)
    .filter((one) => resource.custom === undefined || PATCH_TYPES[one] !== "strategic");
  throw unsupportedMediaType(accepted);
}

function patchOptions(query: URLSearchParams): Pick<PatchRequest, "fieldManager" | "force"> {
  const fieldManager = query.get("fieldManager");
  const force = query.get("force");
  return {
    ...(fieldManager === null ? {} : { fieldManager }),
    ...(force === null ? {} : { force: force === "true" }),
  };
}

async function remove(asked: ObjectRequest, target: ObjectTarget): Promise<Response> {
  checkReadable(asked.route.subresource);
  const body = await readBody(asked.request);
  const request = deleteRequest(body, asked.query);
  const { gone, object } = await call(
    asked,
    { verb: "delete", body },
    () => asked.service.server.delete(target, request),
  );
  if (!gone) return answerObject(asked, object);
  const { group, plural } = asked.resource;
  const { name = "", uid = "" } = object.metadata;
  return answerJson({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { name, ...(group === "" ? {} : { group }), kind: plural, uid },
  });
}
