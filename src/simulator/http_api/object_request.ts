// SPDX-License-Identifier: Apache-2.0

import { isJsonObject } from "../../language/mod.ts";
import type { JsonValue } from "../../language/mod.ts";
import type { Clock, KubernetesObject } from "../../runtime/ports.ts";
import type { ApiServer } from "../api_server.ts";
import { unknownFields } from "../custom_schema.ts";
import type { ClusterCall, Intercept } from "../faults.ts";
import type { ServedResource } from "../served_resource.ts";
import { badRequest } from "../status_error.ts";
import type { AcceptedForm } from "./accepted_form.ts";
import { answerJson } from "./answer.ts";
import type { ResourceRoute } from "./route.ts";
import { partialMetadata, renderTable, type TableContext } from "./table.ts";

/** What requests for objects are served with. */
export interface ObjectService {
  readonly server: ApiServer;
  readonly clock: Clock;
  readonly intercept: Intercept;
}

/** A request for objects, with its path read. */
export interface ObjectRequest {
  readonly service: ObjectService;
  readonly request: Request;
  readonly query: URLSearchParams;
  readonly route: ResourceRoute;
  readonly resource: ServedResource;
  readonly form: AcceptedForm;
}

/** A request is carried out also when its client has gone meanwhile, as by a real server. */
const NEVER = new AbortController().signal;

/** Carries out what a request asks for, or lets a fault have it. */
export function call<T>(
  { service, route, resource }: ObjectRequest,
  { verb, body }: { readonly verb: ClusterCall["verb"]; readonly body?: JsonValue | undefined },
  perform: () => T,
): Promise<T> {
  const { apiVersion, kind } = resource;
  const { namespace, name, subresource } = route;
  const made: ClusterCall = {
    verb,
    apiVersion,
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    ...(body === undefined ? {} : { body }),
  };
  return service.intercept(made, { signal: NEVER }, perform);
}

/** The answer with one object, in the form that the client takes. */
export function answerObject(
  asked: ObjectRequest,
  object: KubernetesObject,
  options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  switch (asked.form) {
    case "table": {
      const { resourceVersion = "" } = object.metadata;
      return answerJson(renderTable([object], { resourceVersion }, tableContext(asked)), options);
    }
    case "metadata":
      return answerJson(partialMetadata(object), options);
    default:
      return answerJson(object, options);
  }
}

/** What a table of this request needs to know. */
export function tableContext({ query, resource, service }: ObjectRequest): TableContext {
  const include = query.get("includeObject");
  const included = include === "None" || include === "Object" ? include : "Metadata";
  return { resource, nowMs: service.clock.now(), include: included };
}

/**
 * Refuses or warns of fields outside the schema, as the client wishes; they are dropped. Returns
 * the headers of the answer.
 */
export function checkFields(
  { query, resource }: ObjectRequest,
  body: JsonValue,
): Readonly<Record<string, string>> {
  const mode = query.get("fieldValidation") || "Warn";
  if (!["Strict", "Warn", "Ignore"].includes(mode)) {
    throw badRequest(`fieldValidation: Unsupported value: ${JSON.stringify(mode)}`);
  }
  const unknown = mode === "Ignore" || !isJsonObject(body) ? [] : unknownFields(resource, body);
  if (unknown.length === 0) return {};
  const texts = unknown.map((path) => `unknown field "${path}"`);
  if (mode === "Strict") {
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ` +
        `${resource.kind}: strict decoding error: ${texts.join(", ")}`,
    );
  }
  return { warning: texts.map((text) => `299 - ${JSON.stringify(text)}`).join(", ") };
}
