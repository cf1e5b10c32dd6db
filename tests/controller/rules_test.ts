// SPDX-License-Identifier: Apache-2.0

/** Rules of chapters 12, 13, 16 and 17 that only a running controller shows, on the simulator. */

import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { type JsonObject, memberAt } from "../../src/language/mod.ts";
import type { KubernetesObject } from "../../src/runtime/ports.ts";
import { siteDefinitions } from "./site_definitions.ts";
import {
  conditions,
  createWorld,
  NAMESPACE,
  site,
  triggerDefinition,
  type World,
} from "./world.ts";

const objects = [triggerDefinition("Site")];
const annotation = (object: KubernetesObject | undefined, name: string) =>
  memberAt(object, "metadata", "annotations", `koreo.dev/${name}`);
const text = (object: KubernetesObject | undefined) => memberAt(object, "data", "text");

async function settledSite(
  definitions: string,
  metadata: JsonObject = {},
): Promise<World> {
  const world = await createWorld({ definitions, objects });
  await world.create(site("one", {}, metadata));
  await world.settle();
  return world;
}

// --- 12.1: annotations

Deno.test("TR-1 ST-40 the record of what is managed is on the trigger, as JSON without white space", async () => {
  const world = await settledSite(siteDefinitions());
  const record = String(annotation(await world.get("Site", "one"), "managed-resources"));
  deepEqual(JSON.parse(record), {
    workflow: "site.v1",
    resources: {
      step0: {
        apiVersion: "v1",
        kind: "ConfigMap",
        plural: "configmaps",
        name: "one",
        readonly: false,
        namespace: NAMESPACE,
        resourceFunction: "site.v1-map",
      },
    },
  });
  equal(record, JSON.stringify(JSON.parse(record)));
  await world.stop();
});

Deno.test('TR-3 exactly "true" makes the status a shared one', async () => {
  for (const [value, isShared] of [["true", true], ["True", false], ["yes", false]] as const) {
    const world = await createWorld({ definitions: siteDefinitions({ createDelay: 60 }), objects });
    const foreign = { type: "Foreign", status: "True", reason: "Here" };
    await world.create(site("one", {}, { annotations: { "koreo.dev/merge-conditions": value } }));
    await world.settle();
    await world.patch("Site", "one", { status: { conditions: [foreign] } }, "status");
    await world.patch("Site", "one", { spec: { text: "again" } });
    await world.settle();
    const found = conditions(await world.get("Site", "one"));
    equal(found.Foreign, isShared ? "True Here" : undefined, value);
    // ST-12 is not done on a shared status.
    equal(found.Reconciling, isShared ? undefined : "True Wait", value);
    await world.stop();
  }
});

const CHANNELS = {
  stable: siteDefinitions({ version: "stable" }),
  beta: siteDefinitions({ version: "beta" }),
};

async function versionIn(metadata: JsonObject): Promise<unknown> {
  const world = await createWorld({ definitions: CHANNELS.stable, objects });
  world.registry.set(CHANNELS.beta, "beta");
  await world.create(site("one", {}, metadata));
  await world.settle();
  const version = memberAt(await world.get("ConfigMap", "one"), "data", "version");
  await world.stop();
  return version;
}

const CHOICES: readonly (readonly [name: string, metadata: JsonObject, version: string])[] = [
  ["an annotation", { annotations: { "koreo.dev/channel": "beta" } }, "beta"],
  ["a label", { labels: { "koreo.dev/channel": "beta" } }, "beta"],
  ["the annotation before the label", {
    annotations: { "koreo.dev/channel": "beta" },
    labels: { "koreo.dev/channel": "stable" },
  }, "beta"],
  ["nothing, so the default channel", {}, "stable"],
];

for (const [name, metadata, version] of CHOICES) {
  Deno.test(`TR-6 VC-6 SD-14 the channel of a trigger is chosen by ${name}`, async () => {
    equal(await versionIn(metadata), version);
  });
}

Deno.test("SD-14 VC-6 all lookups of a run use its channel, those of sub-Workflows too", async () => {
  const nested = (version: string) =>
    `${siteDefinitions({ version, workflow: "inner.v1" }).replace(/ {2}crdRef:.*\n/, "")}---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: outer.v1}
spec:
  crdRef: {apiGroup: example.dev, version: v1, kind: Site}
  steps:
  - label: inner
    ref: {kind: Workflow, name: inner.v1}
    inputs: {metadata: =parent.metadata, spec: =parent.spec}
`;
  const world = await createWorld({ definitions: nested("stable"), objects });
  world.registry.set(nested("beta"), "beta");
  await world.create(site("one", {}, { annotations: { "koreo.dev/channel": "beta" } }));
  await world.create(site("two"));
  await world.settle();
  equal(memberAt(await world.get("ConfigMap", "one"), "data", "version"), "beta");
  equal(memberAt(await world.get("ConfigMap", "two"), "data", "version"), "stable");
  await world.stop();
});

Deno.test("VC-6 a channel that is not configured is never silently replaced by another", async () => {
  const world = await settledSite(CHANNELS.stable, {
    annotations: { "koreo.dev/channel": "nightly" },
  });
  equal(await world.get("ConfigMap", "one"), undefined);
  const [ready] = memberAt(
    await world.get("Site", "one"),
    "status",
    "conditions",
  ) as readonly JsonObject[];
  deepEqual([ready?.reason, ready?.message], [
    "UnknownChannel",
    "Channel 'nightly' is not configured.",
  ]);
  await world.stop();
});

Deno.test("TR-8 the finalizer is there while something must be cleaned up, and no longer", async () => {
  const owned = siteDefinitions({ deletePolicy: "abandon: {}" });
  const world = await settledSite(owned);
  deepEqual((await world.get("Site", "one"))?.metadata.finalizers, ["koreo.dev/cleanup"]);
  world.registry.set(siteDefinitions());
  await world.settle();
  equal((await world.get("Site", "one"))?.metadata.finalizers, undefined);
  await world.stop();
});

Deno.test("E4 requested-at, also as label of old, makes a run after PermFail; suspended makes none", async () => {
  const failing = siteDefinitions().replace("text: =inputs.text", "text: =inputs.gone");
  const world = await settledSite(failing);
  equal(conditions(await world.get("Site", "one")).Stalled, "True Failure");
  for (const name of ["requested-at", "last-manual-reconcile"]) {
    world.takeRuns();
    await world.pass(5_000);
    deepEqual(world.takeRuns(), [], "no timed run after PermFail");
    await world.patch("Site", "one", {
      metadata: { annotations: { [`koreo.dev/${name}`]: "now" } },
    });
    deepEqual(world.takeRuns(), ["one"], name);
  }
  await world.patch("Site", "one", {
    metadata: { labels: { "koreo.dev/reconcile": "suspended" } },
  });
  world.takeRuns();
  await world.patch("Site", "one", { spec: { text: "other" } });
  deepEqual(world.takeRuns(), []);
  await world.stop();
});

// --- 12.2: when a run happens

Deno.test("TR-19 at most one run at a time, and one that becomes due meanwhile follows", async () => {
  const world = await createWorld({ definitions: siteDefinitions(), objects });
  const isCreate = ({ verb, kind }: { readonly verb: string; readonly kind: string }) =>
    verb === "create" && kind === "ConfigMap";
  world.inject({ matches: isCreate, effect: { type: "delay", delayMs: 5_000 } });
  await world.create(site("one"));
  await world.pass(1);
  await world.patch("Site", "one", { spec: { text: "edited" } });
  await world.pass(2);
  const of = (type: string) => world.events.filter((event) => event.type === type).length;
  deepEqual([of("run-started"), of("run-ended")], [1, 0]);
  await world.pass(10);
  equal(of("run-started"), of("run-ended"));
  equal(text(await world.get("ConfigMap", "one")), "edited");
  await world.stop();
});

Deno.test("X10 a managed object that is changed or deleted is put right at once", async () => {
  const world = await settledSite(siteDefinitions());
  await world.patch("ConfigMap", "one", { data: { text: "changed" } });
  equal(text(await world.get("ConfigMap", "one")), "hello");
  const before = await world.get("ConfigMap", "one");
  await world.remove("ConfigMap", "one");
  const after = await world.get("ConfigMap", "one");
  equal(text(after), "hello");
  notEqual(after?.metadata.uid, before?.metadata.uid);
  await world.stop();
});

Deno.test("X12 a run may take 60 s unless configured, and a step that is late leaves one Ready", async () => {
  for (const [settings, seconds] of [[{}, 60], [{ runDeadlineSeconds: 20 }, 20]] as const) {
    const world = await createWorld({
      definitions: siteDefinitions(),
      objects,
      settings: { requestTimeoutSeconds: 600, ...settings },
    });
    const isCreate = ({ verb, kind }: { readonly verb: string; readonly kind: string }) =>
      verb === "create" && kind === "ConfigMap";
    world.inject({ matches: isCreate, effect: { type: "delay", delayMs: 500_000 } });
    await world.create(site("one"));
    await world.pass(seconds - 1);
    equal((await world.get("Site", "one"))?.status, undefined);
    await world.pass(2);
    const list = memberAt(
      await world.get("Site", "one"),
      "status",
      "conditions",
    ) as readonly JsonObject[];
    const ready = list.filter(({ type }) => type === "Ready");
    equal(ready.length, 1);
    match(String(ready[0]?.message), /Timeout running step \(step0\), will retry/);
    await world.stop();
  }
});

// --- 12.3: status

Deno.test("D15b status is written only when it differs, with the generation, without stale state", async () => {
  const world = await settledSite(siteDefinitions({ steps: 2 }));
  const trigger = await world.get("Site", "one");
  equal(memberAt(trigger, "status", "observedGeneration"), trigger?.metadata.generation);
  deepEqual(memberAt(trigger, "status", "state"), { text0: "hello", text1: "hello" });
  world.takeCalls();
  world.takeRuns();
  await world.pass(1_300);
  deepEqual(world.takeRuns(), ["one"], "the resync");
  deepEqual(world.takeCalls().filter(({ verb }) => !["watch", "list"].includes(verb)), []);
  world.registry.set(siteDefinitions({ steps: 1 }));
  await world.settle();
  deepEqual(memberAt(await world.get("Site", "one"), "status", "state"), { text0: "hello" });
  await world.stop();
});

Deno.test("X16 conditions of a built-in trigger are written, merged into the list that is there", async () => {
  const definitions = siteDefinitions({ crdKind: "Deployment" })
    .replace("example.dev", "apps")
    .replace("text: =parent.spec.text", "text: static");
  const world = await createWorld({ definitions });
  await world.create({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: NAMESPACE },
    spec: {},
  });
  await world.patch("Deployment", "web", {
    status: { conditions: [{ type: "Progressing", status: "True", reason: "New" }] },
  }, "status");
  await world.settle();
  deepEqual(conditions(await world.get("Deployment", "web")), {
    Progressing: "True New",
    Map0: "True Ready",
    Ready: "True Ready",
  });
  await world.stop();
});

// --- chapter 13

Deno.test("D14 delete: destroy takes away what is no longer produced, and without a policy nothing does", async () => {
  for (const policy of ["destroy: {}", undefined]) {
    const options = { steps: 2, ...(policy === undefined ? {} : { deletePolicy: policy }) };
    const world = await settledSite(siteDefinitions(options));
    equal(text(await world.get("ConfigMap", "one-1")), "hello");
    world.registry.set(siteDefinitions({ ...options, steps: 1 }));
    await world.pass(60);
    const isThere = await world.get("ConfigMap", "one-1") !== undefined;
    equal(isThere, policy === undefined);
    await world.stop();
  }
});

Deno.test("CL-22 with foreground propagation only owned: false makes sure that abandon keeps an object", async () => {
  const unowned = siteDefinitions({ deletePolicy: "abandon: {}" }).replace(
    "namespace: =inputs.namespace",
    "namespace: =inputs.namespace\n    owned: false",
  );
  const world = await settledSite(unowned);
  const path = {
    apiVersion: "example.dev/v1",
    kind: "Site",
    plural: "sites",
    namespace: NAMESPACE,
    name: "one",
  };
  const { signal } = new AbortController();
  await world.simulator.cluster.delete(path, { propagation: "Foreground" }, { signal });
  await world.pass(60);
  equal(await world.get("Site", "one"), undefined);
  const left = await world.get("ConfigMap", "one");
  equal(text(left), "hello");
  ok(left?.metadata.ownerReferences === undefined);
  await world.stop();
});
