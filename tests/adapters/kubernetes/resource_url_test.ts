// SPDX-License-Identifier: Apache-2.0

import { equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { resourcePath } from "../../../src/adapters/kubernetes/resource_url.ts";
import { ClusterError } from "../../../src/runtime/ports.ts";

const CASES = [
  {
    name: "a collection of the core group",
    path: resourcePath({ apiVersion: "v1", plural: "configmaps" }),
    expected: "/api/v1/configmaps",
  },
  {
    name: "an object in a namespace",
    path: resourcePath({ apiVersion: "apps/v1", plural: "deployments", namespace: "a", name: "b" }),
    expected: "/apis/apps/v1/namespaces/a/deployments/b",
  },
  {
    name: "a subresource",
    path: resourcePath({
      apiVersion: "example.com/v1",
      plural: "apps",
      namespace: "a",
      name: "b",
      subresource: "status",
    }, { fieldManager: "koreo", force: undefined }),
    expected: "/apis/example.com/v1/namespaces/a/apps/b/status?fieldManager=koreo",
  },
  {
    name: "a cluster-scoped object with a colon in its name",
    path: resourcePath({
      apiVersion: "rbac.authorization.k8s.io/v1",
      plural: "clusterroles",
      name: "system:node",
    }),
    expected: "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
  },
  {
    name: "a query with what a URL cannot hold",
    path: resourcePath({ apiVersion: "v1", plural: "pods" }, { labelSelector: "a=b,c in (d,e)" }),
    expected: "/api/v1/pods?labelSelector=a%3Db%2Cc+in+%28d%2Ce%29",
  },
] as const;

for (const { name, path, expected } of CASES) {
  Deno.test(`resourcePath() addresses ${name}`, () => equal(path, expected));
}

const HOSTILE = [
  { name: "a name that is the parent", address: { namespace: "a", name: ".." } },
  { name: "a name that is the collection", address: { namespace: "a", name: "." } },
  { name: "an empty name", address: { namespace: "a", name: "" } },
  { name: "an empty namespace", address: { namespace: "", name: "b" } },
  { name: "a namespace that is the parent", address: { namespace: "..", name: "b" } },
] as const;

for (const { name, address } of HOSTILE) {
  Deno.test(`resourcePath() refuses ${name}`, () => {
    throws(
      () => resourcePath({ apiVersion: "v1", plural: "configmaps", ...address }),
      (error) => error instanceof ClusterError && error.status === 422,
    );
  });
}

for (const apiVersion of ["", "..", "a/..", "a/b/c", "../v1"]) {
  Deno.test(`resourcePath() refuses apiVersion "${apiVersion}"`, () => {
    throws(() => resourcePath({ apiVersion, plural: "configmaps" }), ClusterError);
  });
}

Deno.test("resourcePath() never leaves the collection, whatever the name", () => {
  const collection = "/api/v1/namespaces/a/configmaps/";
  fc.assert(fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (name) => {
    fc.pre(name !== "." && name !== "..");
    const path = resourcePath({ apiVersion: "v1", plural: "configmaps", namespace: "a", name });
    const { pathname, search, hash } = new URL(`https://127.0.0.1${path}`);
    equal(pathname.startsWith(collection), true);
    equal(pathname.slice(collection.length).includes("/"), false);
    equal(search + hash, "");
  }));
});
