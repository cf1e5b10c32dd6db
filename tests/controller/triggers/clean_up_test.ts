// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { memberAt } from "../../../src/language/mod.ts";
import { siteDefinitions } from "../site_definitions.ts";
import {
  conditions,
  createWorld,
  NAMESPACE,
  site,
  triggerDefinition,
  type World,
} from "../world.ts";

const objects = [triggerDefinition("Site")];
const destroy = siteDefinitions({ deletePolicy: "destroy: {}" });
const unowned = destroy.replace(
  "namespace: =inputs.namespace",
  "namespace: =inputs.namespace\n    owned: false",
);
const HOLD = "example.dev/hold";

Deno.test("CL-21 a deleted trigger cleans up what no owner reference takes with it", async () => {
  const world = await createWorld({ definitions: unowned, objects });
  await world.create(site("one"));
  await world.settle();
  deepEqual((await world.get("Site", "one"))?.metadata.finalizers, ["koreo.dev/cleanup"]);
  await world.remove("Site", "one");
  equal(await world.get("ConfigMap", "one"), undefined);
  equal(await world.get("Site", "one"), undefined);
  equal(world.controller.status().triggers, 0);
  equal(world.controller.settled(), true);
  await world.stop();
});

Deno.test("CL-21 a trigger whose Workflow was removed is cleaned up after when it is deleted", async () => {
  const world = await createWorld({ definitions: unowned, objects });
  await world.create(site("one"));
  await world.settle();
  world.registry.set("");
  await world.settle();
  equal(conditions(await world.get("Site", "one")).Ready, "False NoWorkflow");
  await world.remove("Site", "one");
  equal(await world.get("ConfigMap", "one"), undefined);
  // Nothing follows ConfigMaps any more: the next timed run sees that it is gone (CL-11).
  await world.pass(30);
  equal(await world.get("Site", "one"), undefined);
  world.registry.set("");
  await world.settle();
  deepEqual(world.controller.status().watches, []);
  await world.stop();
});

Deno.test("CL-21, law 8: a restart still knows the kind whose last Workflow was removed before", async () => {
  const world = await createWorld({
    definitions: unowned,
    objects,
    recordsKinds: true,
    simulator: { namespaces: ["default", NAMESPACE, "koreo-system"] },
  });
  await world.create(site("one"));
  await world.settle();
  world.registry.set("");
  await world.settle();
  await world.stop();
  await world.remove("Site", "one");
  ok(await world.get("Site", "one") !== undefined, "its finalizer keeps it");
  await world.restart();
  await world.pass(60);
  equal(await world.get("Site", "one"), undefined);
  equal(await world.get("ConfigMap", "one"), undefined);
  equal(await recordedKinds(world), "example.dev/v1 Site\n");
  await world.restart();
  deepEqual(world.controller.status().watches, [], "none of its triggers is left");
  equal(await recordedKinds(world), "");
  await world.stop();
});

Deno.test("TR-12 triggers of a kind whose last Workflow was removed are told, without finalizer too", async () => {
  const world = await createWorld({ definitions: siteDefinitions({}), objects });
  await world.create(site("one"));
  await world.settle();
  const before = await world.get("Site", "one");
  equal(conditions(before).Ready, "True Ready");
  equal(before?.metadata.finalizers, undefined);
  world.registry.set("");
  await world.settle();
  equal(conditions(await world.get("Site", "one")).Ready, "False NoWorkflow");
  await world.remove("Site", "one");
  world.registry.set("");
  await world.settle();
  deepEqual(world.controller.status().watches, []);
  await world.stop();
});

Deno.test("CL-21 a suspended trigger's deletion is carried out too", async () => {
  const world = await createWorld({ definitions: unowned, objects });
  await world.create(site("one"));
  await world.settle();
  await world.patch("Site", "one", {
    metadata: { annotations: { "koreo.dev/reconcile": "suspended" } },
  });
  await world.remove("Site", "one");
  equal(await world.get("Site", "one"), undefined);
  await world.stop();
});

Deno.test("CL-11 the wait for a deletion ends as soon as the object is gone", async () => {
  const world = await createWorld({ definitions: destroy, objects });
  await world.create(site("one"));
  await world.settle();
  await world.patch("ConfigMap", "one", { metadata: { finalizers: [HOLD] } });
  world.registry.set(destroy.replace("name: =inputs.name\n", 'name: =inputs.name + "-new"\n'));
  await world.settle();
  ok(await world.get("ConfigMap", "one") !== undefined);
  equal(conditions(await world.get("Site", "one")).Reconciling, "True CleanUp");
  await world.patch("ConfigMap", "one", { metadata: { finalizers: [] } });
  equal(conditions(await world.get("Site", "one")).Reconciling, undefined);
  equal(memberAt(await world.get("ConfigMap", "one-new"), "data", "text"), "hello");
  await world.stop();
});

Deno.test("CL-13 an object that another trigger manages too is not destroyed", async () => {
  const shared = unowned.replace("name: =inputs.name\n", "name: shared\n");
  const world = await createWorld({ definitions: shared, objects });
  await world.create(site("one"));
  await world.create(site("two"));
  await world.settle();
  await world.remove("Site", "one");
  equal(await world.get("Site", "one"), undefined);
  equal(memberAt(await world.get("ConfigMap", "shared"), "data", "text"), "hello");
  await world.remove("Site", "two");
  equal(await world.get("ConfigMap", "shared"), undefined);
  await world.stop();
});

Deno.test("CL-13 an object of the same name that is not ours is not destroyed", async () => {
  const world = await createWorld({ definitions: unowned, objects });
  await world.create(site("one"));
  await world.settle();
  await world.stop();
  await world.remove("ConfigMap", "one");
  await world.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "one", namespace: NAMESPACE },
    data: { text: "someone else's" },
  });
  await world.remove("Site", "one");
  await world.restart();
  equal(await world.get("Site", "one"), undefined);
  equal(memberAt(await world.get("ConfigMap", "one"), "data", "text"), "someone else's");
  await world.stop();
});

Deno.test("law 8: an object that was made again before a crash is still ours", async () => {
  const world = await createWorld({ definitions: unowned, objects, settings: { graceSeconds: 0 } });
  await world.create(site("one"));
  await world.settle();
  // The object is made again; the crash comes before its new uid is recorded.
  const isCreate = { matches: ({ verb }: { readonly verb: string }) => verb === "create" };
  world.inject({ ...isCreate, effect: { type: "timeout", afterMs: 3_600_000, afterEffect: true } });
  await world.remove("ConfigMap", "one");
  await world.stop();
  ok(await world.get("ConfigMap", "one") !== undefined);
  await world.remove("Site", "one");
  await world.restart();
  await world.pass(60);
  equal(await world.get("Site", "one"), undefined);
  equal(await world.get("ConfigMap", "one"), undefined);
  await world.stop();
});

async function recordedKinds(world: World): Promise<unknown> {
  const record = await world.get("ConfigMap", "koreo-record-kinds", "koreo-system");
  return memberAt(record, "data", "kinds");
}
