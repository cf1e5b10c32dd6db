// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { siteDefinitions } from "../site_definitions.ts";
import { conditions, createWorld, site, triggerDefinition, type World } from "../world.ts";

const objects = [triggerDefinition("Site")];
const definitions = siteDefinitions();

/** A Workflow that manages nothing. */
const SMALLEST = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: text}
spec: {return: {text: =inputs.text}}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: site.v1}
spec:
  crdRef: {apiGroup: example.dev, version: v1, kind: Site}
  steps:
  - label: text
    ref: {kind: ValueFunction, name: text}
    inputs: {text: =parent.spec.text}
    state: {text: =value.text}
`;

async function settledWorld(count = 1, text = definitions): Promise<World> {
  const world = await createWorld({ definitions: text, objects });
  for (let index = 0; index < count; index++) await world.create(site(`site-${index}`));
  await world.settle();
  world.takeRuns();
  world.takeCalls();
  return world;
}

/** What a user does while the controller cannot see it. */
async function changeEverything(world: World): Promise<void> {
  await world.patch("Site", "site-0", { spec: { text: "edited" } });
  await world.remove("ConfigMap", "site-1");
  await world.patch("ConfigMap", "site-2", { data: { text: "drifted" } });
  await world.remove("Site", "site-3");
  await world.create(site("new"));
}

async function isAllRight(world: World): Promise<void> {
  const texts = [];
  for (const name of ["site-0", "site-1", "site-2", "new"]) {
    texts.push(((await world.get("ConfigMap", name))?.data as { text?: string })?.text);
  }
  deepEqual(texts, ["edited", "hello", "hello", "hello"]);
  equal(await world.get("ConfigMap", "site-3"), undefined);
  equal(world.controller.status().triggers, 4);
}

Deno.test("law 3: no wake-up is lost when every watch is cut", async () => {
  const world = await settledWorld(4);
  world.inject({
    matches: ({ verb }) => verb === "watch",
    times: 3,
    effect: { type: "cut" },
  });
  world.simulator.dropWatches();
  await changeEverything(world);
  await world.pass(120);
  await isAllRight(world);
  await world.stop();
});

Deno.test("law 3: no wake-up is lost when the server has forgotten the version (410)", async () => {
  const world = await settledWorld(4);
  const cut = world.inject({
    matches: ({ verb }) => verb === "watch",
    times: Infinity,
    effect: { type: "cut" },
  });
  world.simulator.expireWatches();
  await changeEverything(world);
  world.simulator.expireWatches();
  cut.remove();
  await world.pass(120);
  await isAllRight(world);
  await world.stop();
});

Deno.test("law 3: no wake-up is lost while the API server is away for ten minutes", async () => {
  const world = await settledWorld(4);
  const away = world.inject({ times: Infinity, effect: { type: "cut" } });
  world.simulator.dropWatches();
  await world.settle();
  await changeEverything(world);
  await world.pass(600);
  ok(away.struck > 0);
  ok(away.struck < 200, `${away.struck} requests in ten minutes`);
  away.remove();
  await world.pass(60);
  await isAllRight(world);
  await world.stop();
});

Deno.test("law 3: an edit during a run makes another run, also when the first fails", async () => {
  const world = await settledWorld(1);
  world.inject({
    matches: ({ verb, kind }) => verb === "patch" && kind === "ConfigMap",
    effect: { type: "timeout", afterMs: 10_000 },
  });
  await world.patch("Site", "site-0", { spec: { text: "first" } });
  await world.patch("Site", "site-0", { spec: { text: "second" } });
  await world.pass(60);
  const map = await world.get("ConfigMap", "site-0");
  equal((map?.data as { text?: string }).text, "second");
  await world.stop();
});

Deno.test("law 3: an edit that comes with the answer to our own write is not lost", async () => {
  const world = await settledWorld(1);
  // The status write is answered late, and the edit is part of what it answers.
  world.inject({
    matches: ({ verb, subresource }) => verb === "patch" && subresource === "status",
    effect: { type: "delay", delayMs: 3_000 },
  });
  await world.patch("Site", "site-0", { spec: { text: "first" } });
  await world.pass(1);
  await world.patch("Site", "site-0", { spec: { text: "second" } });
  await world.pass(10);
  equal(((await world.get("ConfigMap", "site-0"))?.data as { text?: string }).text, "second");
  await world.stop();
});

async function staysIdle(world: World): Promise<void> {
  for (let minute = 1; minute <= 15; minute++) {
    if (minute % 5 === 0) world.simulator.dropWatches();
    world.simulator.sendBookmarks();
    await world.pass(60);
  }
  const calls = world.takeCalls();
  deepEqual([...new Set(calls.map(({ verb }) => verb))], ["watch"]);
  ok(calls.length <= 12, `${calls.length} watches of three kinds, renewed three times`);
  deepEqual(world.takeRuns(), []);
  await world.stop();
}

Deno.test("law 4: an idle controller sends nothing but watch renewals", async () => {
  await staysIdle(await settledWorld(300));
});

Deno.test("law 4: an idle controller with 10,000 triggers sends nothing but watch renewals", async () => {
  await staysIdle(await settledWorld(10_000, SMALLEST));
});

Deno.test("law 4: a resync of what is as it should be reads and writes nothing", async () => {
  const world = await settledWorld(50);
  await world.pass(1_321);
  deepEqual(new Set(world.takeRuns()).size, 50);
  deepEqual(world.takeCalls().filter(({ verb }) => verb !== "watch"), []);
  await world.stop();
});

Deno.test("law 4: a restart with nothing to do sends no request per trigger", async () => {
  const world = await settledWorld(50);
  await world.stop();
  world.takeCalls();
  await world.restart();
  await world.settle();
  equal(new Set(world.takeRuns()).size, 50);
  const perKind = Map.groupBy(world.takeCalls(), ({ kind }) => kind);
  for (const [kind, calls] of perKind) {
    deepEqual(calls.map(({ verb }) => verb), ["discover", "list", "watch"], kind);
  }
  await world.stop();
});

Deno.test("law 5: a managed object that someone deletes is made again at once", async () => {
  const world = await settledWorld(2);
  await world.remove("ConfigMap", "site-0");
  equal(((await world.get("ConfigMap", "site-0"))?.data as { text?: string }).text, "hello");
  deepEqual(new Set(world.takeRuns()), new Set(["site-0"]));
  await world.stop();
});

Deno.test("law 5: a managed object that someone changes is put right at once", async () => {
  const world = await settledWorld(2);
  await world.patch("ConfigMap", "site-1", { data: { text: "drifted" } });
  equal(((await world.get("ConfigMap", "site-1"))?.data as { text?: string }).text, "hello");
  const healed = world.events.filter((event) => event.type === "object-written");
  deepEqual(healed.map(({ isHealing, object }) => [isHealing, object.name]), [[true, "site-1"]]);
  await world.stop();
});

/** The second object is made from the status of the first. */
const FOLLOWING = `apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: first}
spec:
  apiConfig: {apiVersion: v1, kind: ConfigMap, name: =inputs.name, namespace: =inputs.namespace}
  resource: {data: {text: hello}}
  create: {delay: 0}
  postconditions:
  - assert: =has(resource.status.seen)
    retry: {message: Not seen., delay: 3600}
  return: {seen: =resource.status.seen}
---
apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: second}
spec:
  apiConfig: {apiVersion: v1, kind: ConfigMap, name: =inputs.name, namespace: =inputs.namespace}
  resource: {data: {seen: =inputs.seen}}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: site.v1}
spec:
  crdRef: {apiGroup: example.dev, version: v1, kind: Site}
  steps:
  - label: first
    ref: {kind: ResourceFunction, name: first}
    inputs: {name: =parent.metadata.name, namespace: =parent.metadata.namespace}
  - label: second
    ref: {kind: ResourceFunction, name: second}
    inputs:
      name: =parent.metadata.name + "-2"
      namespace: =parent.metadata.namespace
      seen: =steps.first.seen
`;

Deno.test("law 5: what follows from a status that someone else writes is no correction", async () => {
  const world = await settledWorld(1, FOLLOWING);
  const before = world.events.length;
  const showAndPass = async (seen: string) => {
    await world.patch("ConfigMap", "site-0", { status: { seen } });
    await world.pass(60);
    equal(((await world.get("ConfigMap", "site-0-2"))?.data as { seen?: string }).seen, seen);
  };
  await showAndPass("once");
  await showAndPass("twice");
  const written = world.events.slice(before).filter((event) => event.type === "object-written");
  deepEqual(
    written.map(({ isHealing, verb, object }) => [isHealing, verb, object.name]),
    [[false, "create", "site-0-2"], [false, "patch", "site-0-2"]],
  );
  await world.stop();
});

Deno.test("TR-18 our own writes make no run due", async () => {
  const world = await createWorld({ definitions: siteDefinitions({ createDelay: 30 }), objects });
  await world.create(site("one"));
  await world.settle();
  deepEqual(world.takeRuns(), ["one"]);
  await world.pass(29);
  deepEqual(world.takeRuns(), []);
  deepEqual(conditions(await world.get("Site", "one")), {
    Map0: "False Wait",
    Ready: "False Wait",
    Reconciling: "True Wait",
  });
  await world.pass(5);
  deepEqual(world.takeRuns(), ["one"]);
  equal(conditions(await world.get("Site", "one")).Ready, "True Ready");
  await world.stop();
});

Deno.test("TR-18 an answer that comes after the event of the same write makes no run due", async () => {
  const world = await createWorld({ definitions: siteDefinitions({ createDelay: 30 }), objects });
  // Carried out at once, answered late: the watch tells of it first.
  world.inject({
    matches: ({ verb }) => verb === "create",
    effect: { type: "timeout", afterMs: 2_000, afterEffect: true },
  });
  await world.create(site("one"));
  await world.pass(20);
  // The answer was a time-out: nobody knows whose object it is, so that one more look is due.
  deepEqual(world.takeRuns().length <= 2, true);
  await world.stop();
});

Deno.test("law 5: a change of an object that is not recorded yet makes a run due", async () => {
  const world = await createWorld({ definitions: siteDefinitions({ createDelay: 30 }), objects });
  // The record is written late: until then only the run itself knows of the object.
  world.inject({
    matches: ({ verb, kind }) => verb === "patch" && kind === "Site",
    effect: { type: "delay", delayMs: 5_000 },
  });
  await world.create(site("one"));
  await world.pass(1);
  await world.patch("ConfigMap", "one", { data: { text: "drifted" } });
  await world.pass(10);
  equal(((await world.get("ConfigMap", "one"))?.data as { text?: string }).text, "hello");
  await world.stop();
});
