// SPDX-License-Identifier: Apache-2.0

/** Rows of chapter 17 about what is written to the cluster. */

import { deepEqual, equal } from "node:assert/strict";
import type { JsonObject } from "../../src/language/mod.ts";
import { createMemoryApi, type MemoryApi } from "./memory_api.ts";
import { runDefinitions } from "./run_definitions.ts";

const API = "apiConfig: {apiVersion: v1, kind: ConfigMap, name: obj, namespace: ns, owned: false}";

function functionOf(spec: string): string {
  return `kind: ResourceFunction\nmetadata: {name: f}\nspec: {${API}, ${spec}}`;
}

/** Verbs of the runs until one writes nothing, at most ten. */
async function settled(text: string, cluster: MemoryApi): Promise<readonly string[]> {
  const verbs: string[] = [];
  for (let run = 0; run < 10; run++) {
    cluster.calls.splice(0);
    const { writes } = await runDefinitions(text, { cluster });
    if (writes.length === 0) return verbs;
    verbs.push(...writes.map(({ verb }) => verb));
  }
  throw new RangeError(`Cannot settle: ${verbs.join(", ")}`);
}

Deno.test("D11 null in the target equals an absent field: no endless patches", async () => {
  const metadata = { name: "obj", namespace: "ns" };
  const live = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { k: "v", gone: "w" } };
  const cluster = createMemoryApi([live]);
  const text = functionOf("resource: {data: {k: v, gone: null}}");
  deepEqual(await settled(text, cluster), ["PATCH"]);
  deepEqual(cluster.objects.get("obj")?.data, { k: "v" });
});

Deno.test("D12 keys that are dropped from the target are removed, with patch only", async () => {
  for (
    const [update, expected] of [["patch", { k: "v" }], ["never", { k: "v", k2: "w" }]] as const
  ) {
    const cluster = createMemoryApi();
    const both = functionOf(`resource: {data: {k: v, k2: w}}, update: {${update}: {}}`);
    await settled(both, cluster);
    await settled(both.replace(", k2: w", ""), cluster);
    deepEqual(cluster.objects.get("obj")?.data, expected);
  }
});

Deno.test("D12 with recreate no object is deleted for a dropped key alone", async () => {
  const cluster = createMemoryApi();
  const both = functionOf("resource: {data: {k: v, k2: w}}, update: {recreate: {}}");
  await settled(both, cluster);
  deepEqual(await settled(both.replace(", k2: w", ""), cluster), []);
});

Deno.test("TR-7 the annotation on a managed object is what was applied, and no part of what is compared", async () => {
  const cluster = createMemoryApi();
  await settled(functionOf("resource: {data: {k: v}, metadata: {annotations: {a: b}}}"), cluster);
  const { annotations } = cluster.objects.get("obj")?.metadata as unknown as {
    readonly annotations: JsonObject;
  };
  const applied = String(annotations["koreo.dev/last-applied-configuration"]);
  deepEqual(Object.keys(annotations).sort(), ["a", "koreo.dev/last-applied-configuration"]);
  deepEqual(JSON.parse(applied), {
    data: { k: "v" },
    metadata: { annotations: { a: "b" }, name: "obj", namespace: "ns" },
    apiVersion: "v1",
    kind: "ConfigMap",
  });
  equal(applied.startsWith('{"data": {"k": "v"}, "metadata": '), true, applied);
});
