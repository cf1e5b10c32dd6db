// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, JsonValue } from "../../src/language/mod.ts";
import { ClusterError, type ResourceApi, type ResourceIdentity } from "../../src/runtime/mod.ts";
import { createRecordingCluster, type RecordingCluster } from "../../src/testing/mod.ts";
import type { GoldenCase } from "./case_file.ts";

/** The cluster of a golden case: it fails where the case says so, and keeps the calls. */
export interface GoldenCluster {
  readonly api: ResourceApi;
  /** The calls since the last time, in the words of the case files. */
  takeCalls(): readonly JsonObject[];
  readonly store: RecordingCluster;
}

/** Makes the cluster of a case. */
export function createGoldenCluster(golden: GoldenCase): GoldenCluster {
  const store = createRecordingCluster(golden.cluster);
  let calls: JsonObject[] = [];
  const refuse = (verb: string, { kind, namespace, name }: ResourceIdentity) => {
    const status = golden.apiErrors[`${verb} ${kind}/${namespace ?? "None"}/${name}`] ??
      golden.apiErrors[`${verb} ${kind}/${name}`];
    if (status !== undefined) throw injected(status);
  };
  const api: ResourceApi = {
    discover(kind, options) {
      const plural = Object.hasOwn(golden.plurals, kind.kind) ? golden.plurals[kind.kind] : "";
      if (plural === null) return Promise.resolve(undefined);
      return store.discover(kind, options).then((known) =>
        known && plural ? { ...known, plural } : known
      );
    },
    async get(path, options) {
      const { apiVersion, kind, name } = path;
      calls.push({ verb: "GET", apiVersion, kind, ...namespaceOf(path), name });
      refuse("GET", path);
      return await store.get(path, options);
    },
    async create(path, body, options) {
      const { apiVersion, plural } = path;
      calls.push({ verb: "POST", apiVersion, url: plural, ...namespaceOf(path), body });
      refuse("POST", { ...path, name: nameOf(body) });
      return await store.create(path, body, options);
    },
    async patch(path, patch, options) {
      const { apiVersion, plural, name } = path;
      const contentType = `application/${patch.type}-patch+json`;
      const url = `${plural}/${name}`;
      calls.push({
        verb: "PATCH",
        apiVersion,
        url,
        ...namespaceOf(path),
        contentType,
        body: patch.body,
      });
      refuse("PATCH", path);
      return await store.patch(path, patch, options);
    },
    async delete(path, request, options) {
      const { apiVersion, plural, name } = path;
      calls.push({ verb: "DELETE", apiVersion, url: `${plural}/${name}`, ...namespaceOf(path) });
      refuse("DELETE", path);
      return await store.delete(path, request, options);
    },
  };
  const takeCalls = () => {
    const taken = calls;
    calls = [];
    return taken;
  };
  return { api, store, takeCalls };
}

function injected(status: number): ClusterError {
  return new ClusterError("refused", `injected ${status}`, { status });
}

function namespaceOf(path: { readonly namespace?: string }): { readonly namespace: JsonValue } {
  return { namespace: path.namespace ?? null };
}

function nameOf(body: JsonObject): string {
  const metadata = body.metadata as JsonObject;
  return String(metadata.name);
}
