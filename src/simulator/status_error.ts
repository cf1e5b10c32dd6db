// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from "../language/mod.ts";
import { ClusterError } from "../runtime/ports.ts";

/** The resource that a refusal speaks of. */
export interface StatusSubject {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

/** One reason within a refusal. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** A refusal with everything that the Status object of a real API server says. */
export class StatusError extends Error {
  override readonly name = "StatusError";

  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details: StatusDetails = {},
  ) {
    super(message);
  }
}

/** The Status object of a refusal. */
export function statusObject(error: StatusError): JsonObject {
  const { name, group, kind, uid, causes, retryAfterSeconds } = error.details;
  const details: JsonObject = {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    ...(kind ? { kind } : {}),
    ...(uid ? { uid } : {}),
    ...(causes ? { causes: causes.map((cause) => ({ ...cause })) } : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: error.message,
    ...(error.reason ? { reason: error.reason } : {}),
    ...(Object.keys(details).length > 0 ? { details } : {}),
    code: error.code,
  };
}

/** The refusal as the Cluster port reports it. */
export function toClusterError(error: StatusError): ClusterError {
  const { kind, name, causes, retryAfterSeconds } = error.details;
  const subject = { ...(kind ? { kind } : {}), ...(name ? { name } : {}) };
  return new ClusterError("refused", error.message, {
    status: error.code,
    ...(error.reason ? { reason: error.reason } : {}),
    ...(kind || name ? { subject } : {}),
    ...(causes ? { causes: causes.map((cause) => cause.reason) } : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** 404: there is no object of this name. */
export function notFound(subject: StatusSubject, name: string): StatusError {
  return new StatusError(404, "NotFound", `${qualified(subject)} "${name}" not found`, {
    name,
    group: subject.group,
    kind: subject.plural,
  });
}

/** 404: the server knows no such resource. */
export function notServed(): StatusError {
  return new StatusError(404, "NotFound", "the server could not find the requested resource");
}

/** 409: the name is taken. */
export function alreadyExists(subject: StatusSubject, name: string): StatusError {
  return new StatusError(
    409,
    "AlreadyExists",
    `${qualified(subject)} "${name}" already exists`,
    { name, group: subject.group, kind: subject.plural },
  );
}

/** 409: the object is not in the state that the request expects. */
export function conflict(subject: StatusSubject, name: string, why: string): StatusError {
  return new StatusError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`,
    { name, group: subject.group, kind: subject.plural },
  );
}

/** Why an update with an old resourceVersion is refused. */
export const MODIFIED = "the object has been modified; please apply your changes to the latest " +
  "version and try again";

/** 422: the object breaks rules of its kind. */
export function invalid(
  subject: StatusSubject,
  name: string,
  causes: readonly StatusCause[],
): StatusError {
  const kind = subject.group === "" ? subject.kind : `${subject.kind}.${subject.group}`;
  const faults = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const text = faults.length === 1 ? faults[0] : `[${faults.join(", ")}]`;
  return new StatusError(422, "Invalid", `${kind} "${name}" is invalid: ${text}`, {
    ...(name ? { name } : {}),
    group: subject.group,
    kind: subject.kind,
    causes,
  });
}

/** 403: the server does not allow it. */
export function forbidden(
  subject: StatusSubject,
  name: string,
  why: string,
  causes?: readonly StatusCause[],
): StatusError {
  return new StatusError(403, "Forbidden", `${qualified(subject)} "${name}" is forbidden: ${why}`, {
    name,
    group: subject.group,
    kind: subject.plural,
    ...(causes ? { causes } : {}),
  });
}

/** 400: the request makes no sense. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

/** 405: the resource has no such verb. */
export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
  );
}

/** 410: history does not reach back so far. */
export function expired(message: string): StatusError {
  return new StatusError(410, "Expired", message);
}

/** 415: the body is of a type that is not understood. */
export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  return new StatusError(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${
      accepted.join(", ")
    }`,
  );
}

/** 501: a real server could do it, this one does not. */
export function notImplemented(what: string): StatusError {
  return new StatusError(501, "NotImplemented", `Cannot serve ${what}: not part of the simulator`);
}

function qualified(subject: StatusSubject): string {
  return subject.group === "" ? subject.plural : `${subject.plural}.${subject.group}`;
}
