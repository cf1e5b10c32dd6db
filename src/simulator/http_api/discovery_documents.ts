// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, JsonValue } from "../../language/mod.ts";
import type { ServedResource } from "../served_resource.ts";

/** Version that the simulator says it is. */
export const SERVER_VERSION: JsonObject = {
  major: "1",
  minor: "34",
  gitVersion: "v1.34.0+koreo-simulator",
  gitCommit: "",
  gitTreeState: "",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "",
};

const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const STATUS_VERBS = ["get", "patch", "update"];

function verbsOf({ collectionDeletable }: ServedResource): readonly string[] {
  return collectionDeletable ? VERBS : VERBS.filter((verb) => verb !== "deletecollection");
}

/** `/api`: versions of the core group. */
export function coreVersions(): JsonObject {
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
}

/** `/apis`: all other groups. */
export function groupList(all: readonly ServedResource[]): JsonObject {
  const groups = groupNames(all).map((name) => groupDocument(all, name));
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groups.filter((one) => one !== undefined),
  };
}

/** `/apis/GROUP`, or `undefined` when the group is not served. */
export function groupDocument(
  all: readonly ServedResource[],
  name: string,
): JsonObject | undefined {
  const versions = versionsOf(all, name).map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  const [preferredVersion] = versions;
  if (preferredVersion === undefined) return undefined;
  return { kind: "APIGroup", apiVersion: "v1", name, versions, preferredVersion };
}

/** `/api/v1` and `/apis/GROUP/VERSION`, or `undefined` when the version is not served. */
export function resourceList(
  all: readonly ServedResource[],
  apiVersion: string,
): JsonObject | undefined {
  const resources = all.filter((one) => one.apiVersion === apiVersion);
  if (resources.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: apiVersion,
    resources: resources.flatMap(resourceEntries),
  };
}

function resourceEntries(resource: ServedResource): readonly JsonObject[] {
  const { plural, singular, namespaced, kind, shortNames, categories } = resource;
  const main: JsonObject = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: verbsOf(resource),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  };
  if (!resource.hasStatus) return [main];
  const status = { name: `${plural}/status`, singularName: "", namespaced, kind };
  return [main, { ...status, verbs: STATUS_VERBS }];
}

/** The same for all groups at once, as kubectl asks for it. */
export function aggregatedDiscovery(
  all: readonly ServedResource[],
  scope: "core" | "groups",
): JsonObject {
  const names = scope === "core" ? [""] : groupNames(all);
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: names.map((name) => ({
      metadata: name === "" ? {} : { name },
      versions: versionsOf(all, name).map((version) => ({
        version,
        freshness: "Current",
        resources: all.filter((one) => one.group === name && one.version === version)
          .map(discoveryEntry),
      })),
    })),
  };
}

function discoveryEntry(resource: ServedResource): JsonObject {
  const { group, version, kind, plural, singular, shortNames, categories } = resource;
  const responseKind = { group, version, kind };
  const status: JsonValue = [{ subresource: "status", responseKind, verbs: STATUS_VERBS }];
  return {
    resource: plural,
    responseKind,
    scope: resource.namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs: verbsOf(resource),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(resource.hasStatus ? { subresources: status } : {}),
  };
}

function groupNames(all: readonly ServedResource[]): readonly string[] {
  return [...new Set(all.map((one) => one.group))].filter((name) => name !== "");
}

function versionsOf(all: readonly ServedResource[], group: string): readonly string[] {
  return [...new Set(all.filter((one) => one.group === group).map((one) => one.version))];
}

/** Group and version as the paths of OpenAPI documents name them: `api/v1`, `apis/apps/v1`. */
function documentName({ group, version }: ServedResource): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

/** `/openapi/v3`: which documents there are. */
export function openapiIndex(all: readonly ServedResource[]): JsonObject {
  const names = [...new Set(all.map(documentName))];
  const paths = names.map((name) => [name, { serverRelativeURL: `/openapi/v3/${name}` }] as const);
  return { paths: Object.fromEntries(paths) };
}

/**
 * One OpenAPI document, or `undefined` when there is none of that name. It holds no schemas: only
 * what kubectl looks for before it leaves validation to the server.
 */
export function openapiDocument(
  all: readonly ServedResource[],
  name: string,
): JsonObject | undefined {
  const resources = all.filter((one) => documentName(one) === name);
  if (resources.length === 0) return undefined;
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: String(SERVER_VERSION.gitVersion) },
    paths: Object.fromEntries(resources.map((one) => [openapiPath(name, one), patchPath(one)])),
    components: { schemas: {} },
  };
}

function openapiPath(name: string, { namespaced, plural }: ServedResource): string {
  return `/${name}/${namespaced ? "namespaces/{namespace}/" : ""}${plural}/{name}`;
}

function patchPath({ group, version, kind }: ServedResource): JsonObject {
  const parameters = ["fieldValidation", "fieldManager", "dryRun", "force"]
    .map((name) => ({ name, in: "query", schema: { type: "string", uniqueItems: true } }));
  return {
    patch: {
      parameters,
      responses: { 200: { description: "OK" } },
      "x-kubernetes-action": "patch",
      "x-kubernetes-group-version-kind": { group, version, kind },
    },
  };
}
