// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { JsonObject } from "../../src/language/mod.ts";
import { siteDefinitions } from "./site_definitions.ts";
import { conditions, createWorld, NAMESPACE, site, triggerDefinition } from "./world.ts";

const objects = [triggerDefinition("Site")];
const definitions = siteDefinitions();
const text = (map: JsonObject | undefined) => (map?.data as { text?: string } | undefined)?.text;

Deno.test("a trigger is reconciled: its object exists and its conditions say so", async () => {
  const world = await createWorld({ definitions, objects });
  await world.create(site("one"));
  await world.settle();
  deepEqual((await world.get("ConfigMap", "one"))?.data, { text: "hello", version: "1" });
  const trigger = await world.get("Site", "one");
  deepEqual(conditions(trigger), { Map0: "True Ready", Ready: "True Ready" });
  deepEqual((trigger?.status as JsonObject).state, { text0: "hello" });
  equal(world.controller.settled(), true);
  await world.stop();
});

Deno.test("a cold trigger of four objects takes 6 requests", async () => {
  const world = await createWorld({ definitions: siteDefinitions({ steps: 4 }), objects });
  world.takeCalls();
  await world.create(site("one"));
  await world.settle();
  deepEqual(
    world.takeCalls().map(({ verb, kind, subresource = "" }) =>
      `${verb} ${kind} ${subresource}`.trim()
    ),
    [
      "create ConfigMap",
      "create ConfigMap",
      "create ConfigMap",
      "create ConfigMap",
      "patch Site",
      "patch Site status",
    ],
  );
  equal(conditions(await world.get("Site", "one")).Ready, "True Ready");
  await world.stop();
});

Deno.test("a kind without a status subresource gets status and metadata in one request", async () => {
  const world = await createWorld({ definitions, objects: [triggerDefinition("Site", false)] });
  world.takeCalls();
  await world.create(site("one"));
  await world.settle();
  const calls = world.takeCalls().map(({ verb, kind }) => `${verb} ${kind}`);
  // The record goes out with the first run; the second has only the status left.
  deepEqual(calls, ["create ConfigMap", "patch Site", "patch Site"]);
  equal(conditions(await world.get("Site", "one")).Ready, "True Ready");
  await world.stop();
});

Deno.test("runUntilSettled() ends when every trigger is settled, and counts their objects", async () => {
  const world = await createWorld({
    definitions: siteDefinitions({ steps: 3, createDelay: 5 }),
    objects: [...objects, site("one"), site("two")],
    isStarted: false,
  });
  const once = world.controller.runUntilSettled({ signal: new AbortController().signal });
  await world.pass(60);
  const { managedObjects, triggers, queue } = await once;
  deepEqual({ managedObjects, triggers, running: queue.running }, {
    managedObjects: 6,
    triggers: 2,
    running: 0,
  });
});

Deno.test("runUntilSettled() is settled when there is no trigger", async () => {
  const world = await createWorld({ definitions, objects, isStarted: false });
  const once = world.controller.runUntilSettled({ signal: new AbortController().signal });
  await world.settle();
  equal((await once).triggers, 0);
});

Deno.test("runUntilSettled() rejects when its time is up before", async () => {
  const world = await createWorld({
    definitions: siteDefinitions({ createDelay: 30 }),
    objects: [...objects, site("one")],
    isStarted: false,
  });
  const timeout = new AbortController();
  const once = rejects(world.controller.runUntilSettled({ signal: timeout.signal }), {
    message: "time is up",
  });
  await world.pass(1);
  timeout.abort(new DOMException("time is up", "TimeoutError"));
  await world.settle();
  await once;
});

Deno.test("TR-4 a suspended trigger is left alone, and goes on when it is resumed", async () => {
  const world = await createWorld({ definitions, objects });
  const suspended = { annotations: { "koreo.dev/reconcile": "suspended" } };
  await world.create(site("one", {}, suspended));
  await world.settle();
  equal(await world.get("ConfigMap", "one"), undefined);
  equal((await world.get("Site", "one"))?.status, undefined);
  equal(world.controller.settled(), true);
  await world.patch("Site", "one", { metadata: { annotations: { "koreo.dev/reconcile": null } } });
  equal(text(await world.get("ConfigMap", "one")), "hello");
  await world.patch("Site", "one", {
    metadata: { annotations: { "koreo.dev/reconcile": "suspended" } },
  });
  await world.patch("ConfigMap", "one", { data: { text: "left alone" } });
  await world.pass(2_000);
  equal(text(await world.get("ConfigMap", "one")), "left alone");
  await world.stop();
});

const FAILING = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: fail.v1}
spec:
  preconditions:
  - assert: =inputs.ok
    permFail: {message: not ok}
  return: {a: 1}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: site.v1}
spec:
  crdRef: {apiGroup: example.dev, version: v1, kind: Site}
  steps:
  - label: only
    ref: {kind: ValueFunction, name: fail.v1}
    inputs: {ok: =parent.spec.ok}
`;

Deno.test("TR-5 after PermFail there is no timed run, but a requested one at once", async () => {
  const world = await createWorld({ definitions: FAILING, objects });
  await world.create(site("one", { ok: false }));
  await world.settle();
  equal(conditions(await world.get("Site", "one")).Stalled, "True Failure");
  equal(world.controller.settled(), true);
  world.takeRuns();
  await world.pass(10_000);
  deepEqual(world.takeRuns(), []);
  await world.patch("Site", "one", {
    metadata: { annotations: { "koreo.dev/requested-at": "now" } },
  });
  deepEqual(world.takeRuns(), ["one"]);
  await world.patch("Site", "one", { spec: { ok: true } });
  equal(conditions(await world.get("Site", "one")).Ready, "True Ready");
  await world.stop();
});

Deno.test("TR-16 an unknown channel is told on the trigger, and asked for again", async () => {
  const world = await createWorld({ definitions, objects });
  const labels = { "koreo.dev/channel": "beta" };
  await world.create(site("one", {}, { labels }));
  await world.settle();
  equal(conditions(await world.get("Site", "one")).Ready, "False UnknownChannel");
  world.registry.set(siteDefinitions({ version: "beta" }), "beta");
  await world.settle();
  deepEqual((await world.get("ConfigMap", "one"))?.data, { text: "hello", version: "beta" });
  await world.stop();
});

Deno.test("TR-13 several Workflows for one kind are told, and one that goes away heals it", async () => {
  const two = `${definitions}---\n${siteDefinitions({ workflow: "other.v1" })}`;
  const world = await createWorld({ definitions: two, objects });
  await world.create(site("one"));
  await world.settle();
  equal(conditions(await world.get("Site", "one")).Ready, "False MultipleWorkflows");
  world.registry.set(definitions);
  await world.settle();
  equal(conditions(await world.get("Site", "one")).Ready, "True Ready");
  await world.stop();
});

Deno.test("ST-1 a status that cannot be written is written later; nothing is run again", async () => {
  const world = await createWorld({ definitions: FAILING, objects });
  world.inject({
    matches: ({ subresource }) => subresource === "status",
    times: 3,
    effect: { type: "refuse", status: 503 },
  });
  await world.create(site("one", { ok: false }));
  await world.settle();
  deepEqual(world.takeRuns(), ["one"]);
  equal(world.controller.settled(), false);
  await world.pass(60);
  deepEqual(world.takeRuns(), []);
  equal(conditions(await world.get("Site", "one")).Ready, "False Failure");
  equal(world.logs.filter(({ message }) => /^Cannot write the status/.test(message)).length, 3);
  equal(world.controller.settled(), true);
  await world.stop();
});

Deno.test("ST-1 a status that is refused because the trigger changed is made anew", async () => {
  const world = await createWorld({ definitions: FAILING, objects });
  world.inject({
    matches: ({ subresource }) => subresource === "status",
    effect: { type: "refuse", status: 409, reason: "Conflict" },
  });
  await world.create(site("one", { ok: false }));
  await world.pass(10);
  equal(conditions(await world.get("Site", "one")).Ready, "False Failure");
  await world.stop();
});

Deno.test("ST-1 what the server drops of a status is not written again and again", async () => {
  const conditionsOnly = {
    type: "object",
    properties: {
      spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      status: {
        type: "object",
        properties: {
          conditions: {
            type: "array",
            items: {
              type: "object",
              properties: { type: { type: "string" }, status: { type: "string" } },
            },
          },
        },
      },
    },
  };
  const crd = triggerDefinition("Site") as JsonObject & { spec: { versions: JsonObject[] } };
  const pruning = {
    ...crd,
    spec: {
      ...crd.spec,
      versions: crd.spec.versions.map((v) => ({
        ...v,
        schema: { openAPIV3Schema: conditionsOnly },
      })),
    },
  };
  const world = await createWorld({ definitions, objects: [pruning] });
  await world.create(site("one"));
  await world.settle();
  equal(((await world.get("Site", "one"))?.status as JsonObject).koreo, undefined);
  world.takeCalls();
  for (let minute = 0; minute < 3; minute++) {
    await world.patch("Site", "one", {
      metadata: { annotations: { "koreo.dev/requested-at": `${minute}` } },
    });
    await world.pass(60);
  }
  deepEqual(world.takeCalls(), []);
  await world.stop();
});

Deno.test("ST-8 a built-in kind as trigger: conditions of others stay, also in a race", async () => {
  const world = await createWorld({
    definitions: `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: labels.v1}
spec: {return: {a: 1}}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: labels.v1}
spec:
  crdRef: {apiGroup: apps, version: v1, kind: Deployment}
  steps:
  - label: only
    ref: {kind: ValueFunction, name: labels.v1}
`,
  });
  const available = { type: "Available", status: "True", reason: "Fine" };
  world.inject({
    matches: ({ verb, subresource }) => verb === "patch" && subresource === "status",
    effect: { type: "delay", delayMs: 2_000 },
  });
  await world.create({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: NAMESPACE },
    spec: {},
  });
  await world.pass(1);
  await world.patch("Deployment", "web", { status: { conditions: [available] } }, "status");
  await world.pass(10);
  deepEqual(conditions(await world.get("Deployment", "web")), {
    Available: "True Fine",
    Ready: "True Ready",
  });
  await world.stop();
});

Deno.test("a Secret is never kept in memory: it is watched by its metadata and read when needed", async () => {
  const world = await createWorld({
    definitions: `apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: secret.v1}
spec:
  apiConfig: {apiVersion: v1, kind: Secret, name: =inputs.name, namespace: ${NAMESPACE}}
  resource: {stringData: {password: hunter2}}
  create: {delay: 0}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: site.v1}
spec:
  crdRef: {apiGroup: example.dev, version: v1, kind: Site}
  steps:
  - label: only
    ref: {kind: ResourceFunction, name: secret.v1}
    inputs: {name: =parent.metadata.name}
`,
    objects,
  });
  world.takeCalls();
  await world.create(site("one"));
  await world.settle();
  const calls = world.takeCalls().filter(({ kind }) => kind === "Secret").map(({ verb }) => verb);
  deepEqual(calls.slice(0, 2), ["create", "get"]);
  await world.remove("Secret", "one");
  ok(await world.get("Secret", "one") !== undefined, "it is made again at once");
  ok(!JSON.stringify([world.logs, world.events]).includes("hunter2"));
  await world.stop();
});

Deno.test("the data of a Secret reaches no log, event or condition, in a difference neither", async () => {
  const [wanted, found] = [btoa("hunter2"), btoa("tampered")];
  const world = await createWorld({
    definitions: `apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: secret.v1}
spec:
  apiConfig: {apiVersion: v1, kind: Secret, name: =inputs.name, namespace: ${NAMESPACE}}
  resource: {data: {password: ${wanted}}}
  create: {delay: 0}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: site.v1}
spec:
  crdRef: {apiGroup: example.dev, version: v1, kind: Site}
  steps:
  - label: only
    ref: {kind: ResourceFunction, name: secret.v1}
    inputs: {name: =parent.metadata.name}
`,
    objects,
  });
  await world.create(site("one"));
  await world.settle();
  await world.patch("Secret", "one", { data: { password: found } });
  const told = JSON.stringify([world.logs, world.events, await world.get("Site", "one")]);
  ok(told.includes("Patching `Secret:team-a:one` due to"));
  for (const value of [wanted, found]) ok(!told.includes(value), value);
  await world.stop();
});

Deno.test("a trigger kind that is not served yet is waited for, and told once", async () => {
  const world = await createWorld({ definitions });
  await world.pass(3_600);
  const told = world.logs.filter(({ message }) => /Cannot watch Site/.test(message));
  equal(told.length, 1);
  ok(
    world.takeCalls().filter(({ kind }) => kind === "Site").length < 30,
    "it is not asked each second",
  );
  await world.create(triggerDefinition("Site"));
  await world.settle();
  await world.create(site("one"));
  await world.pass(1);
  equal(text(await world.get("ConfigMap", "one")), "hello");
  await world.stop();
});

Deno.test("a managed kind that may not be watched is read from the server, and told once", async () => {
  const world = await createWorld({ definitions, objects, isStarted: false });
  world.inject({
    matches: ({ verb, kind }) => kind === "ConfigMap" && (verb === "list" || verb === "watch"),
    times: Infinity,
    effect: { type: "refuse", status: 403, reason: "Forbidden" },
  });
  await world.restart();
  await world.create(site("one"));
  await world.pass(600);
  equal(text(await world.get("ConfigMap", "one")), "hello");
  equal(world.logs.filter(({ level }) => level === "error").length, 1);
  await world.patch("ConfigMap", "one", { data: { text: "drifted" } });
  equal(text(await world.get("ConfigMap", "one")), "drifted");
  await world.pass(1_400);
  equal(text(await world.get("ConfigMap", "one")), "hello", "the resync covers it");
  await world.stop();
});

Deno.test("what happened before a kind could be watched is not missed", async () => {
  const world = await createWorld({ definitions, objects, isStarted: false });
  const forbidden = world.inject({
    matches: ({ verb, kind }) => kind === "ConfigMap" && verb === "list",
    times: Infinity,
    effect: { type: "refuse", status: 403, reason: "Forbidden" },
  });
  await world.restart();
  await world.create(site("one"));
  await world.settle();
  await world.patch("ConfigMap", "one", { data: { text: "drifted" } });
  forbidden.remove();
  await world.pass(60);
  equal(text(await world.get("ConfigMap", "one")), "hello");
  await world.stop();
});

Deno.test("a run that asks for another one at once, for nothing, is slowed down", async () => {
  const world = await createWorld({
    definitions: FAILING.replace(
      "permFail: {message: not ok}",
      "retry: {message: again, delay: 0}",
    ),
    objects,
  });
  await world.create(site("one", { ok: false }));
  await world.pass(3_600);
  const runs = world.takeRuns().length;
  ok(runs < 140, `${runs} runs in an hour`);
  equal(conditions(await world.get("Site", "one")).Ready, "False Wait");
  await world.stop();
});

Deno.test("what is known of triggers ends with the last Workflow of their kind, unless one was run", async () => {
  const two = [siteDefinitions(), siteDefinitions({ workflow: "other" })].join("---\n");
  const world = await createWorld({ definitions: two, objects: [triggerDefinition("Site")] });
  await world.create(site("one"));
  await world.settle();
  // Nobody knows which of the two is meant: it is tried again, and no object is made.
  deepEqual(world.controller.status().queue, { ready: 0, delayed: 1, running: 0 });
  world.registry.set("");
  await world.settle();
  const { triggers, queue } = world.controller.status();
  deepEqual([triggers, queue], [0, { ready: 0, delayed: 0, running: 0 }]);
  world.registry.set(siteDefinitions());
  await world.settle();
  equal(world.controller.status().managedObjects, 1);
  await world.stop();
});
