// SPDX-License-Identifier: Apache-2.0

import type { NonOk } from "../language/mod.ts";
import type { ClusterError } from "./ports.ts";
import { groupOf, type ResourceIdentity, resourceText } from "./resource_identity.ts";

/** A request to the API server, as failure texts speak of it. */
export interface ApiRequest {
  readonly verb: "get" | "create" | "patch" | "delete";
  readonly resource: ResourceIdentity & { readonly plural: string };
  readonly location: string;
  /** The delay of the action (RF-74 to RF-76). */
  readonly delaySeconds: number;
}

/** The classes of 9.8. */
export type FailureClass =
  | "namespace-missing"
  | "namespace-terminating"
  | "not-served"
  | "gone"
  | "competing-creation"
  | "conflict"
  | "server-error"
  | "not-allowed"
  | "rejected";

const DOING = { get: "loading", create: "creating", patch: "patching", delete: "deleting" };

/** The class of a failure: the same for GET, POST, PATCH and DELETE (RF-70). */
function classifyFailure(error: ClusterError, verb: ApiRequest["verb"]): FailureClass {
  const { status } = error;
  if (error.code !== "refused" || status === undefined) return "server-error";
  if (status === 404) return classifyNotFound(error, verb);
  if (status === 409) return verb === "create" ? "competing-creation" : "conflict";
  if (status === 429 || status < 400 || status >= 500) return "server-error";
  if (status === 401) return "not-allowed";
  if (status !== 403) return "rejected";
  const isTerminating = error.causes.includes("NamespaceTerminating");
  return verb === "create" && isTerminating ? "namespace-terminating" : "not-allowed";
}

/** A 404 that names no object is the answer for a path that is not served. */
function classifyNotFound(error: ClusterError, verb: ApiRequest["verb"]): FailureClass {
  const subject = error.subject;
  if (verb === "create") {
    const isNamespace = subject?.kind === "namespaces" || subject?.kind === "Namespace";
    return isNamespace ? "namespace-missing" : "not-served";
  }
  return subject?.name === undefined || verb === "get" ? "not-served" : "gone";
}

/**
 * The outcome of a failed request (RF-72 to RF-79), or `undefined` when it counts as a success: the
 * object of a DELETE is gone already (RF-74).
 */
export function apiFailure(error: ClusterError, request: ApiRequest): NonOk | undefined {
  const failure = classifyFailure(error, request.verb);
  if (failure === "gone" && request.verb === "delete") return undefined;
  const { location } = request;
  const message = failureMessage(failure, error, request);
  return failure === "rejected" ? { type: "PermFail", message, location } : {
    type: "Retry",
    delaySeconds: failureDelay(failure, error, request),
    message,
    ...place(failure, location),
  };
}

function place(failure: FailureClass, location: string): { readonly location: string } {
  return { location: failure === "competing-creation" ? `${location}(contention)` : location };
}

function failureDelay(failure: FailureClass, error: ClusterError, request: ApiRequest): number {
  switch (failure) {
    case "namespace-missing":
    case "namespace-terminating":
      return 30;
    case "not-served":
    case "not-allowed":
      return 60;
    case "server-error":
      return Math.max(30, error.retryAfterSeconds ?? 0);
    default:
      return request.delaySeconds;
  }
}

function failureMessage(failure: FailureClass, error: ClusterError, request: ApiRequest): string {
  const { resource, verb } = request;
  const text = resourceText(resource);
  const doing = DOING[verb];
  switch (failure) {
    case "namespace-missing":
      return `Namespace \`${resource.namespace}\` not found. Waiting...`;
    case "namespace-terminating":
      return `Namespace \`${resource.namespace}\` is being terminated.`;
    case "not-served":
      return `\`${resource.apiVersion}\` \`${resource.kind}\` is not served by the cluster.`;
    case "gone":
      return `${text} disappeared while patching.`;
    case "competing-creation":
      return `Waiting on competing creation of ${text}.`;
    case "conflict":
      return `Conflict ${doing} ${text}: ${error.message}`;
    case "server-error": {
      const subject = verb === "get" ? `${resource.kind} ${resource.name}` : text;
      return `ServerError ${doing} ${subject}. (${detail(error)})`;
    }
    case "not-allowed":
      return notAllowed(error, request);
    case "rejected":
      return `Error ${doing} ${text}: ${error.message}`;
  }
}

function detail(error: ClusterError): string {
  return error.status === undefined ? error.message : `${error.status} ${error.message}`;
}

/** RF-78. */
function notAllowed(error: ClusterError, { verb, resource }: ApiRequest): string {
  const group = groupOf(resource.apiVersion) || '""';
  const place = resource.namespace === undefined ? "" : ` in namespace ${resource.namespace}`;
  return `Not allowed to ${verb} ${resource.plural}.${group}${place} (${error.message}). ` +
    `Missing permission: verb \`${verb}\` on \`${resource.plural}\` in API group \`${group}\`.`;
}
