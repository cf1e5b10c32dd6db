// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import { createManualClock, createSimulator } from "../../src/simulator/mod.ts";
import { createConfigMap, NEVER, pathOf, watchConfigMaps } from "./in_memory.ts";

Deno.test("a watch from before the kept history is refused with 410", async () => {
  using simulator = createSimulator({ historyEvents: 10 });
  const { cluster, resourceVersion } = simulator;
  for (let number = 0; number < 50; number++) await createConfigMap(cluster, `a${number}`);
  await rejects(watchConfigMaps(cluster, resourceVersion).next(), {
    name: "ClusterError",
    code: "refused",
    status: 410,
    reason: "Expired",
    message: /^too old resource version: 4 \(\d+\)$/,
  });
  const recent = String(Number(simulator.resourceVersion) - 5);
  equal((await watchConfigMaps(cluster, recent).next()).value.object.metadata.name, "a45");
});

Deno.test("a watch that falls too far behind is ended, and can be resumed", async () => {
  using simulator = createSimulator({ queuedEvents: 3 });
  const { cluster, resourceVersion } = simulator;
  const events = watchConfigMaps(cluster, resourceVersion);
  await createConfigMap(cluster, "first");
  await events.next();
  for (const name of ["a", "b", "c", "d", "e"]) await createConfigMap(cluster, name);
  const seen: string[] = [];
  let version = "";
  for (let next = await events.next(); !next.done; next = await events.next()) {
    seen.push(String(next.value.object.metadata.name));
    version = String(next.value.object.metadata.resourceVersion);
  }
  deepEqual(seen, ["a", "b", "c"]);
  equal((await watchConfigMaps(cluster, version).next()).value.object.metadata.name, "d");
});

Deno.test("a watch is told how far it has come", async () => {
  const clock = createManualClock();
  using simulator = createSimulator({ clock, bookmarkIntervalMs: 1_000 });
  const events = watchConfigMaps(simulator.cluster, simulator.resourceVersion);
  const next = events.next();
  await clock.advance(0);
  await simulator.cluster.create(
    { apiVersion: "v1", kind: "Namespace", plural: "namespaces" },
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } },
    NEVER,
  );
  await clock.advance(1_000);
  deepEqual((await next).value, {
    type: "BOOKMARK",
    object: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { resourceVersion: simulator.resourceVersion },
    },
  });
});

Deno.test("bookmarks stop when nobody watches", async () => {
  const clock = createManualClock();
  using simulator = createSimulator({ clock, bookmarkIntervalMs: 1_000 });
  const events = watchConfigMaps(simulator.cluster, simulator.resourceVersion);
  const next = events.next();
  await clock.advance(0);
  simulator.dropWatches();
  equal((await next).done, true);
  await clock.advance(1_000);
  equal(clock.sleeping, 0);
});

Deno.test("dropped watches end and resume without a gap", async () => {
  using simulator = createSimulator();
  const { cluster, resourceVersion } = simulator;
  const events = watchConfigMaps(cluster, resourceVersion);
  await createConfigMap(cluster, "a");
  equal((await events.next()).value.object.metadata.name, "a");
  simulator.dropWatches();
  equal((await events.next()).done, true);
  await createConfigMap(cluster, "b");
  const resumed = watchConfigMaps(cluster, resourceVersion);
  equal((await resumed.next()).value.object.metadata.name, "a");
  equal((await resumed.next()).value.object.metadata.name, "b");
});

Deno.test("expired watches end with 410 and cannot resume", async () => {
  using simulator = createSimulator();
  const { cluster, resourceVersion } = simulator;
  await createConfigMap(cluster, "a");
  const next = watchConfigMaps(cluster, simulator.resourceVersion).next();
  await Promise.resolve();
  simulator.expireWatches();
  await rejects(next, { status: 410 });
  await rejects(watchConfigMaps(cluster, resourceVersion).next(), { status: 410 });
  const fresh = watchConfigMaps(cluster, simulator.resourceVersion);
  await createConfigMap(cluster, "b");
  equal((await fresh.next()).value.object.metadata.name, "b");
});

Deno.test("readers share frozen objects that no caller can change", async () => {
  using simulator = createSimulator();
  const { cluster } = simulator;
  const labels: Record<string, string> = { a: "b" };
  const made = await createConfigMap(cluster, "a", { labels });
  labels.a = "changed";
  const found = await cluster.get(pathOf("a"), NEVER);
  deepEqual([found === made, found?.metadata.labels], [true, { a: "b" }]);
  equal(Object.isFrozen(found?.metadata.labels), true);
});

Deno.test("two simulators tell the same story", async () => {
  const story = async () => {
    using simulator = createSimulator();
    await createConfigMap(simulator.cluster, "a");
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "x-" } };
    return await simulator.cluster.create({ ...pathOf("a") }, body, NEVER);
  };
  deepEqual(await story(), await story());
});
