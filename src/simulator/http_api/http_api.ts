// SPDX-License-Identifier: Apache-2.0

import { type JsonObject } from "../../language/mod.ts";
import { methodNotAllowed, notServed } from "../status_error.ts";
import { acceptedForms } from "./accepted_form.ts";
import { answerError, answerJson } from "./answer.ts";
import {
  aggregatedDiscovery,
  coreVersions,
  groupDocument,
  groupList,
  openapiDocument,
  openapiIndex,
  resourceList,
  SERVER_VERSION,
} from "./discovery_documents.ts";
import type { ObjectService } from "./object_request.ts";
import { serveObjects } from "./object_requests.ts";
import { parseRoute, type Route } from "./route.ts";
import { unreachable } from "../../language/mod.ts";

/** Answers one request to the API. Never rejects but for faults of its own. */
export type HttpApi = (request: Request) => Promise<Response>;

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** The Kubernetes API over HTTP, as far as kubectl and the product use it. */
export function createHttpApi(service: ObjectService): HttpApi {
  return async (request) => {
    try {
      return await serve(service, request);
    } catch (error) {
      return answerError(error);
    }
  };
}

function serve(service: ObjectService, request: Request): Response | Promise<Response> {
  const route = parseRoute(new URL(request.url).pathname);
  if (route.type === "objects") return serveObjects(service, request, route);
  if (route.type === "unknown") throw notServed();
  if (request.method !== "GET") throw methodNotAllowed();
  return serveDocument(service, request, route);
}

function serveDocument(
  { server }: ObjectService,
  request: Request,
  route: Exclude<Route, { readonly type: "objects" | "unknown" }>,
): Response {
  const all = server.state.discovery.all();
  const isAggregated = acceptedForms(request.headers.get("accept"))[0] === "discovery";
  const aggregated = (scope: "core" | "groups") =>
    answerJson(aggregatedDiscovery(all, scope), { headers: { "content-type": AGGREGATED } });
  switch (route.type) {
    case "version":
      return answerJson(SERVER_VERSION);
    case "health":
      return new Response("ok", { headers: { "content-type": "text/plain; charset=utf-8" } });
    case "core-versions":
      return isAggregated ? aggregated("core") : answerJson(coreVersions());
    case "groups":
      return isAggregated ? aggregated("groups") : answerJson(groupList(all));
    case "group":
      return answerFound(groupDocument(all, route.group));
    case "resources":
      return answerFound(resourceList(all, route.apiVersion));
    case "openapi":
      return answerFound(
        route.document === undefined ? openapiIndex(all) : openapiDocument(all, route.document),
      );
    default:
      return unreachable(route);
  }
}

function answerFound(document: JsonObject | undefined): Response {
  if (document === undefined) throw notServed();
  return answerJson(document);
}
