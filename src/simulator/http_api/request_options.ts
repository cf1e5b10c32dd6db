// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, member } from "../../language/mod.ts";
import type { JsonObject, JsonValue } from "../../language/mod.ts";
import type { DeleteRequest } from "../../runtime/ports.ts";
import type { ListRequest } from "../read_objects.ts";
import type { WriteOptions } from "../server_state.ts";
import {
  badRequest,
  invalid,
  notImplemented,
  type StatusCause,
  StatusError,
} from "../status_error.ts";

/** Reads what a write's query says. */
export function writeOptions(
  request: Request,
  query: URLSearchParams,
  subresource: string | undefined,
): WriteOptions {
  if (subresource !== undefined && subresource !== "status") {
    throw notImplemented(`the subresource "${subresource}"`);
  }
  return {
    fieldManager: query.get("fieldManager") || managerOf(request.headers.get("user-agent") ?? ""),
    subresource,
    dryRun: dryRun(query.getAll("dryRun"), "PatchOptions"),
  };
}

/** The writer that a User-Agent names: what stands before its version. */
function managerOf(userAgent: string): string {
  return userAgent.split("/")[0]?.trim().slice(0, 128) || "unknown";
}

function dryRun(values: readonly string[], kind: string): boolean {
  if (values.length === 0) return false;
  if (values.every((value) => value === "All")) return true;
  throw invalidOption(kind, {
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`,
    field: "dryRun",
  });
}

function invalidOption(kind: string, cause: StatusCause): StatusError {
  return invalid({ group: "meta.k8s.io", kind, plural: "" }, "", [cause]);
}

/** Reads which objects a query asks for. */
export function listRequest(
  query: URLSearchParams,
  scope: { readonly namespace?: string; readonly name?: string },
): ListRequest {
  const limit = query.get("limit");
  if (limit !== null && !/^\d{1,9}$/.test(limit)) {
    throw badRequest(`limit: Invalid value: ${JSON.stringify(limit)}`);
  }
  const fields = query.get("fieldSelector") ?? "";
  const own = scope.name === undefined ? "" : `metadata.name=${scope.name}`;
  const fieldSelector = [fields, own].filter((part) => part !== "").join(",");
  return {
    ...(scope.namespace === undefined ? {} : { namespace: scope.namespace }),
    labelSelector: query.get("labelSelector") ?? "",
    fieldSelector,
    ...(limit === null ? {} : { limit: Number(limit) }),
    continue: query.get("continue") ?? "",
  };
}

/** Refuses a list of a moment that cannot be shown: one to come, or exactly one in the past. */
export function checkListVersion(query: URLSearchParams, current: number): void {
  const wanted = query.get("resourceVersion") ?? "";
  if (wanted === "" || wanted === "0" || query.get("continue")) return;
  const version = readVersion(wanted);
  if (version > current) {
    throw new StatusError(
      504,
      "Timeout",
      `Timeout: Too large resource version: ${version}, current: ${current}`,
      { retryAfterSeconds: 1 },
    );
  }
  if (query.get("resourceVersionMatch") === "Exact" && version < current) {
    throw new StatusError(410, "Expired", "The resourceVersion for the provided list is too old.");
  }
}

/** The version that a watch begins after; `undefined` when it begins with what is there. */
export function watchVersion(query: URLSearchParams): number | undefined {
  if (query.get("sendInitialEvents") !== null) {
    throw invalidOption("ListOptions", {
      reason: "FieldValueForbidden",
      message: "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature " +
        "gate is enabled",
      field: "sendInitialEvents",
    });
  }
  const wanted = query.get("resourceVersion") ?? "";
  return wanted === "" || wanted === "0" ? undefined : readVersion(wanted);
}

function readVersion(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badRequest(`Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: invalid syntax`);
}

/** Reads the options of a deletion from its body and query. */
export function deleteRequest(
  body: JsonValue | undefined,
  query: URLSearchParams,
): DeleteRequest & { readonly dryRun: boolean } {
  const options: JsonObject = isJsonObject(body) ? body : {};
  const { uid, resourceVersion } = preconditions(options);
  const listed = isJsonList(options.dryRun) ? options.dryRun.map(String) : [];
  const policy = query.get("propagationPolicy") ?? options.propagationPolicy ?? undefined;
  const orphan = options.orphanDependents;
  const propagation = typeof orphan === "boolean"
    ? (orphan ? "Orphan" : "Background")
    : propagationPolicy(policy);
  return {
    ...(typeof uid === "string" ? { uid } : {}),
    ...(typeof resourceVersion === "string" ? { resourceVersion } : {}),
    ...(propagation === undefined ? {} : { propagation }),
    dryRun: dryRun([...query.getAll("dryRun"), ...listed], "DeleteOptions"),
  };
}

function preconditions(options: JsonObject): {
  readonly uid: JsonValue | undefined;
  readonly resourceVersion: JsonValue | undefined;
} {
  const stated = options.preconditions;
  return { uid: member(stated, "uid"), resourceVersion: member(stated, "resourceVersion") };
}

function propagationPolicy(
  policy: JsonValue | undefined,
): "Foreground" | "Background" | "Orphan" | undefined {
  switch (policy) {
    case undefined:
    case "Foreground":
    case "Background":
    case "Orphan":
      return policy;
    default:
      throw invalidOption("DeleteOptions", {
        reason: "FieldValueNotSupported",
        message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", ` +
          '"Background", "Orphan", "nil"',
        field: "propagationPolicy",
      });
  }
}
