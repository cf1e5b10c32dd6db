// SPDX-License-Identifier: Apache-2.0

/** What a path of the API names. */
export type Route =
  | { readonly type: "version" }
  | { readonly type: "health" }
  | { readonly type: "core-versions" }
  | { readonly type: "groups" }
  | { readonly type: "group"; readonly group: string }
  | { readonly type: "resources"; readonly apiVersion: string }
  | { readonly type: "openapi"; readonly document: string | undefined }
  | ResourceRoute
  | { readonly type: "unknown" };

/** Objects of one kind, or one of them. */
export interface ResourceRoute {
  readonly type: "objects";
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** Reads a path of the API. */
export function parseRoute(pathname: string): Route {
  const parts = pathname.split("/").slice(1).map(decodePart);
  if (parts.at(-1) === "") parts.pop();
  if (parts.includes(undefined) || parts.includes("")) return { type: "unknown" };
  return routeOf(parts.filter((part) => part !== undefined));
}

function routeOf(parts: readonly string[]): Route {
  const [root, ...rest] = parts;
  switch (root) {
    case "version":
      return rest.length === 0 ? { type: "version" } : { type: "unknown" };
    case "healthz":
    case "livez":
    case "readyz":
      return { type: "health" };
    case "openapi":
      return openapiRoute(rest);
    case "api":
      return coreRoute(rest);
    case "apis":
      return groupRoute(rest);
    default:
      return { type: "unknown" };
  }
}

function openapiRoute([version, ...document]: readonly string[]): Route {
  if (version !== "v3") return { type: "unknown" };
  return { type: "openapi", document: document.length === 0 ? undefined : document.join("/") };
}

function coreRoute([version, ...rest]: readonly string[]): Route {
  if (version === undefined) return { type: "core-versions" };
  return versionRoute(version, rest);
}

function groupRoute([group, version, ...rest]: readonly string[]): Route {
  if (group === undefined) return { type: "groups" };
  if (version === undefined) return { type: "group", group };
  return versionRoute(`${group}/${version}`, rest);
}

function versionRoute(apiVersion: string, rest: readonly string[]): Route {
  if (rest.length === 0) return { type: "resources", apiVersion };
  const [scope, namespace, ...below] = rest;
  // "namespaces" is a scope only with something below it, and both status and finalize are not.
  const isScope = scope === "namespaces" && namespace !== undefined && below.length > 0 &&
    !(below.length === 1 && (below[0] === "status" || below[0] === "finalize"));
  return isScope
    ? objectsRoute({ apiVersion, namespace }, below)
    : objectsRoute({ apiVersion }, rest);
}

function objectsRoute(
  place: { readonly apiVersion: string; readonly namespace?: string },
  [plural, name, ...subresource]: readonly string[],
): Route {
  if (plural === undefined) return { type: "unknown" };
  return {
    type: "objects",
    ...place,
    plural,
    ...(name === undefined ? {} : { name }),
    ...(subresource.length === 0 ? {} : { subresource: subresource.join("/") }),
  };
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
