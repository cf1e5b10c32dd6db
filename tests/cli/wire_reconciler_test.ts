// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { systemClock, systemRandom } from "../../src/adapters/system.ts";
import { type ReconcilerSettings, wireReconciler } from "../../src/cli/wire_reconciler.ts";
import type { ControllerEvent } from "../../src/controller/mod.ts";
import { memberAt } from "../../src/language/mod.ts";
import type { Cluster, KubernetesObject } from "../../src/runtime/ports.ts";
import { type ClusterCall, createSimulator } from "../../src/simulator/mod.ts";
import { exampleFiles, temporaryRepository } from "./reconcile_fixtures.ts";

const NAMESPACE = "koreo-system";
const EVENTS = { apiVersion: "events.k8s.io/v1", kind: "Event", plural: "events" };
const SETTINGS: Omit<ReconcilerSettings, "repo"> = {
  path: "koreo",
  branch: "main",
  namespace: "platform",
  intervalMs: 60_000,
  gate: "workflow",
  workers: 2,
  resyncMs: 60_000,
  record: { namespace: NAMESPACE },
  events: true,
};

/** How often each verb was asked for: of the server, and as it was told. */
function countsOf(verbs: Iterable<string>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const verb of [...verbs].sort()) counts[verb] = (counts[verb] ?? 0) + 1;
  return counts;
}

async function configMaps(cluster: Cluster) {
  const path = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };
  const { signal } = new AbortController();
  return (await cluster.list(path, { namespace: NAMESPACE }, { signal })).items;
}

Deno.test("every request of a reconciler is told once, those for the record too", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const calls: ClusterCall[] = [];
  const { cluster, close } = createSimulator({
    clock: systemClock,
    random: systemRandom,
    namespaces: ["default", NAMESPACE],
    onCall: (call) => void calls.push(call),
  });
  const events: ControllerEvent[] = [];
  const reconciler = wireReconciler({ ...SETTINGS, repo: repository.directory }, {
    cluster,
    logger: { log: () => {} },
    observe: (event) => void events.push(event),
  });
  const stop = new AbortController();
  const running = reconciler.run({ signal: stop.signal });
  await reconciler.registry.ready;
  await reconciler.registry.recorded("stable", { signal: stop.signal });
  stop.abort();
  await running;
  const asked = calls.filter(({ kind }) => kind === "ConfigMap");
  ok(asked.some(({ verb }) => verb === "create"), "the record was written");
  const told = events.flatMap((event) => event.type === "request-ended" ? [event.verb] : []);
  deepEqual(countsOf(told), countsOf(calls.map(({ verb }) => verb)));
  close();
});

const BROKEN = `apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: { name: broken.v1 }
spec:
  crdRef: { apiGroup: apps.example.com, version: v1, kind: Broken }
  steps: [{ label: one, ref: { kind: ValueFunction, name: gone.v1 } }]
`;

Deno.test("an Event on a channel names its record with the uid, so that kubectl describe finds it", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const { cluster, close } = createSimulator({
    clock: systemClock,
    random: systemRandom,
    namespaces: ["default", NAMESPACE],
  });
  const following = Promise.withResolvers<void>();
  const reconciler = wireReconciler({ ...SETTINGS, repo: repository.directory }, {
    cluster,
    logger: { log: () => {} },
    observe: ({ type }) => type === "watch-changed" ? following.resolve() : undefined,
  });
  const stop = new AbortController();
  const { signal } = stop;
  const { resourceVersion } = await cluster.list(EVENTS, { namespace: NAMESPACE }, { signal });
  const running = reconciler.run({ signal });
  await following.promise;
  await reconciler.registry.recorded("stable", { signal }); // before, there is no uid to name
  await repository.commit({ "koreo/broken.k.yaml": BROKEN });
  reconciler.registry.wake();
  for await (
    const { object } of cluster.watch(EVENTS, { namespace: NAMESPACE, resourceVersion }, { signal })
  ) {
    const [head] = (await configMaps(cluster)).filter(isHead);
    const { reason } = object as KubernetesObject;
    deepEqual([reason, memberAt(object, "regarding", "uid")], ["HeldBack", head?.metadata.uid]);
    equal(typeof head?.metadata.uid, "string");
    break;
  }
  stop.abort();
  await running;
  close();
});

function isHead({ metadata }: KubernetesObject): boolean {
  return memberAt(metadata, "labels", "koreo.dev/record") === "channel";
}
