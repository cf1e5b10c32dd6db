// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import { createRecordingCluster } from "../../src/testing/recording_cluster.ts";

const OBJECT = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "n", namespace: "ns" },
  data: { a: "1", b: "2" },
};
const PATH = { apiVersion: "v1", kind: "ConfigMap", plural: "x", namespace: "ns", name: "n" };
const OPTIONS = { signal: new AbortController().signal };

const STRANGERS = [
  ["version", { ...PATH, apiVersion: "v2" }],
  ["kind", { ...PATH, kind: "Secret" }],
  ["namespace", { ...PATH, namespace: "other" }],
  ["name", { ...PATH, name: "m" }],
] as const;

for (const [part, path] of STRANGERS) {
  Deno.test(`FT-30 finds nothing under another ${part}`, async () => {
    const cluster = createRecordingCluster([OBJECT]);
    equal(await cluster.get(path, OPTIONS), undefined);
    deepEqual(cluster.reads, [path]);
  });
}

Deno.test("FT-31 a patch merges by RFC 7386 and is recorded with what was there before", async () => {
  const cluster = createRecordingCluster([OBJECT]);
  const body = { data: { a: null, c: "3" }, status: { up: true } };
  await cluster.patch(PATH, { type: "merge", body }, OPTIONS);
  deepEqual(cluster.find(PATH), { ...OBJECT, data: { b: "2", c: "3" }, status: { up: true } });
  deepEqual(cluster.writes, [{ type: "patch", resource: PATH, before: OBJECT, body }]);
});

Deno.test("FT-31 adds nothing to a created object", async () => {
  const cluster = createRecordingCluster([]);
  await cluster.create(PATH, OBJECT, OPTIONS);
  deepEqual(cluster.objects(), [OBJECT]);
});

Deno.test("FT-31 a deleted object is gone at once", async () => {
  const cluster = createRecordingCluster([OBJECT]);
  await cluster.delete(PATH, {}, OPTIONS);
  equal(await cluster.get(PATH, OPTIONS), undefined);
  await rejects(cluster.delete(PATH, {}, OPTIONS), { status: 404 });
});

Deno.test("FW-16 knows every kind", async () => {
  const known = await createRecordingCluster([]).discover(
    { apiVersion: "a/v9", kind: "X" },
    OPTIONS,
  );
  equal(known?.kind, "X");
});
