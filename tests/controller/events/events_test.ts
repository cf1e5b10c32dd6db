// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { memberAt } from "../../../src/language/mod.ts";
import type { KubernetesObject } from "../../../src/runtime/ports.ts";
import { createEventRecorder } from "../../../src/controller/events/event_recorder.ts";
import {
  type ClusterCall,
  createManualClock,
  createSeededRandom,
  createSimulator,
} from "../../../src/simulator/mod.ts";
import { siteDefinitions } from "../site_definitions.ts";
import { createWorld, site, triggerDefinition, type World, type WorldOptions } from "../world.ts";

const EVENTS = { apiVersion: "events.k8s.io/v1", kind: "Event", plural: "events" };
const objects = [triggerDefinition("Site")];
const definitions = siteDefinitions();
const events = { instance: "koreo-0" };
const never = new AbortController().signal;
const isEvent = ({ kind }: ClusterCall) => kind === "Event";

const open = (more: WorldOptions = {}) => createWorld({ definitions, objects, events, ...more });

async function eventsOf(world: World): Promise<readonly KubernetesObject[]> {
  return (await world.simulator.cluster.list(EVENTS, {}, { signal: never })).items;
}

/** `reason` and how often, of all Events, sorted. */
async function reasons(world: World): Promise<readonly string[]> {
  const all = await eventsOf(world);
  return all.map((one) => `${one.reason} ${memberAt(one, "series", "count") ?? 1}`).sort();
}

Deno.test("a trigger gets Events for what is made for it and for its outcome", async () => {
  const world = await open();
  await world.create(site("one"));
  await world.settle();
  deepEqual(await reasons(world), ["Created 1", "Ready 1"]);
  const created = (await eventsOf(world)).find(({ reason }) => reason === "Created");
  equal(memberAt(created, "regarding", "uid"), (await world.get("Site", "one"))?.metadata.uid);
  equal(memberAt(created, "related", "uid"), (await world.get("ConfigMap", "one"))?.metadata.uid);
  await world.stop();
});

Deno.test("a restart, and what stays as it is, tells nothing", async () => {
  const world = await open();
  await world.create(site("one"));
  await world.settle();
  world.takeCalls();
  await world.restart();
  await world.pass(1_500);
  deepEqual(world.takeCalls().filter(isEvent), []);
  await world.stop();
});

Deno.test("a trigger is told from which revision it runs now, when it behaves differently", async () => {
  const world = await open();
  await world.create(site("one"));
  await world.settle();
  world.registry.set(`# Only a comment.\n${definitions}`);
  await world.pass(1_500);
  equal((await reasons(world)).includes("RevisionChanged 1"), false);
  world.registry.set(siteDefinitions({ version: "2" }));
  await world.pass(10);
  const told = (await eventsOf(world)).filter(({ reason }) => reason === "RevisionChanged");
  const revision = (number: number) => `stable@sha1:${String(number).padStart(40, "0")}`;
  deepEqual(told.map(({ note }) => note), [
    `Workflow "site.v1" runs from ${revision(3)} now, before from ${revision(2)}`,
  ]);
  await world.stop();
});

Deno.test("drift is told with who caused it; what happens again is a series", async () => {
  const world = await open();
  await world.create(site("one"));
  await world.settle();
  for (let times = 0; times < 3; times++) {
    await world.remove("ConfigMap", "one");
    await world.pass(61);
  }
  ok((await reasons(world)).includes("DriftCorrected 3"), String(await reasons(world)));
  await world.stop();
});

Deno.test("Events that cannot be written disturb nothing, and are counted", async () => {
  const world = await open();
  world.inject({ matches: isEvent, times: Infinity, effect: { type: "refuse", status: 403 } });
  await world.create(site("one"));
  await world.settle();
  equal(memberAt(await world.get("ConfigMap", "one"), "data", "text"), "hello");
  equal(world.logs.filter(({ message }) => message.startsWith("Cannot write Events")).length, 1);
  ok(world.events.some(({ type }) => type === "events-lost"));
  await world.stop();
});

Deno.test("an API server that does not answer to Events keeps no trigger waiting", async () => {
  const world = await open();
  world.inject({
    matches: isEvent,
    times: Infinity,
    effect: { type: "timeout", afterMs: 3_600_000 },
  });
  await world.create(site("one"));
  await world.create(site("two"));
  await world.settle();
  equal(memberAt(await world.get("ConfigMap", "two"), "data", "text"), "hello");
  await world.stop();
});

Deno.test("however much happens, Events come ten a second at most after the first hundred", async () => {
  const world = await open();
  for (let index = 0; index < 400; index++) await world.create(site(`site-${index}`));
  await world.settle();
  const atOnce = world.takeCalls().filter(isEvent).length;
  ok(atOnce <= 101, `${atOnce} at once`);
  await world.pass(10);
  const later = world.takeCalls().filter(isEvent).length;
  ok(later > 80 && later <= 101, `${later} in ten seconds`);
  await world.stop();
});

Deno.test("without being asked for, no Events are written", async () => {
  const world = await createWorld({ definitions, objects });
  await world.create(site("one"));
  await world.pass(10);
  deepEqual(await reasons(world), []);
  await world.stop();
});

Deno.test("what happens to a channel is told on what stands for it, a refused revision once", async () => {
  const { cluster } = createSimulator({ namespaces: ["koreo-system"] });
  const clock = createManualClock({ settle: () => new Promise((done) => setTimeout(done, 0)) });
  const recorder = createEventRecorder({
    cluster,
    clock,
    random: createSeededRandom(1),
    logger: { log: () => {} },
    observe: () => {},
    instance: "koreo-0",
    channelObject: (name) =>
      Promise.resolve({ apiVersion: "v1", kind: "ConfigMap", namespace: "koreo-system", name }),
  });
  const stop = new AbortController();
  const running = recorder.run({ signal: stop.signal });
  const step = { type: "release-stepped", channel: "stable", step: "promoted" } as const;
  recorder.observe({ ...step, revision: "main@sha1:2" });
  for (const revision of ["main@sha1:3", "main@sha1:3", "main@sha1:4"]) {
    const heldBack = { revision, author: "Ada", subject: "No", reason: "fails" };
    const about = { channel: "stable", workflow: "site.v1", inForce: "main@sha1:2" };
    recorder.observe({ type: "held-back", ...about, heldBack, triggers: [] });
  }
  await clock.advance(0);
  const { items } = await cluster.list(EVENTS, { namespace: "koreo-system" }, { signal: never });
  deepEqual(
    items.map((one) => `${one.reason} ${memberAt(one, "regarding", "name")}`).sort(),
    ["HeldBack stable", "HeldBack stable", "Promoted stable"],
  );
  stop.abort();
  await running;
});

Deno.test("no value of a Secret is in an Event, a log line or what metrics are made of", async () => {
  const [ours, theirs] = [btoa("planted-ours-51ab"), btoa("planted-theirs-77cd")];
  const world = await open({
    definitions: siteDefinitions().replace("kind: ConfigMap", "kind: Secret")
      .replace('version: "1"', `version: ${ours}`)
      .replace("text: =inputs.text\n", ""),
  });
  await world.create(site("one"));
  await world.pass(5);
  equal(memberAt(await world.get("Secret", "one"), "data", "version"), ours);
  for (let times = 0; times < 6; times++) {
    await world.patch("Secret", "one", { data: { version: theirs } });
    await world.pass(30);
  }
  await world.remove("Secret", "one");
  await world.pass(30);
  const all = JSON.stringify([await eventsOf(world), world.logs, world.events]);
  ok(all.includes("DriftCorrected"), all);
  for (const value of [ours, theirs, atob(ours), atob(theirs)]) equal(all.includes(value), false);
  await world.stop();
});
