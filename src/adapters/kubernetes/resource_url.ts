// SPDX-License-Identifier: Apache-2.0

import { ClusterError } from "../../runtime/ports.ts";

/** What a URL of the API says: a collection, or with a name an object of it. */
export interface ResourceAddress {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: "status";
}

/** Query parameters; absent ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The path of the resources of one group and version: `/api/v1`, `/apis/apps/v1`. */
export function groupVersionPath(apiVersion: string): string {
  const parts = apiVersion.split("/");
  if (parts.length > 2) throw unusable("apiVersion", apiVersion);
  return [
    parts.length === 1 ? "/api" : "/apis",
    ...parts.map((part) => segment("apiVersion", part)),
  ]
    .join("/");
}

/**
 * The path and query of a collection, an object or a subresource.
 *
 * @throws {ClusterError} If a part could point elsewhere: an empty name or `..` would address the
 *   collection or the namespace instead of the object
 */
export function resourcePath(address: ResourceAddress, query: Query = {}): string {
  const path = [groupVersionPath(address.apiVersion)];
  if (address.namespace !== undefined) {
    path.push("namespaces", segment("namespace", address.namespace));
  }
  path.push(segment("plural", address.plural));
  if (address.name !== undefined) path.push(segment("name", address.name));
  if (address.subresource !== undefined) path.push(address.subresource);
  return `${path.join("/")}${queryText(query)}`;
}

function segment(part: string, text: string): string {
  if (text === "" || text === "." || text === "..") throw unusable(part, text);
  return encodeURIComponent(text);
}

function queryText(query: Query): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return "";
  return `?${new URLSearchParams(entries.map(([key, value]) => [key, String(value)]))}`;
}

function unusable(part: string, text: string): ClusterError {
  return new ClusterError(
    "refused",
    `Cannot address the cluster: ${part} "${text}" cannot stand in a path of the API`,
    { status: 422, reason: "Invalid" },
  );
}
