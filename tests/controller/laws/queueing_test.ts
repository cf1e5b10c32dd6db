// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { siteDefinitions } from "../site_definitions.ts";
import { createWorld, site, triggerDefinition, type World } from "../world.ts";

const isCreate = ({ verb, kind }: { readonly verb: string; readonly kind: string }) =>
  verb === "create" && kind === "ConfigMap";
const objects = [triggerDefinition("Site")];
const names = (count: number) => Array.from({ length: count }, (_, index) => `site-${index}`);

/** The most runs that went on at once, and whether two of them were of one trigger. */
function overlap(world: World): { readonly most: number; readonly isTwice: boolean } {
  const running = new Map<string, number>();
  let [most, isTwice] = [0, false];
  for (const event of world.events) {
    if (event.type !== "run-started" && event.type !== "run-ended") continue;
    const { name } = event.trigger;
    const count = (running.get(name) ?? 0) + (event.type === "run-started" ? 1 : -1);
    if (count > 1) isTwice = true;
    if (count === 0) running.delete(name);
    else running.set(name, count);
    most = Math.max(most, running.size);
  }
  return { most, isTwice };
}

Deno.test("law 1: one trigger is never reconciled twice at once; 20 different ones are", async () => {
  const world = await createWorld({ definitions: siteDefinitions(), objects });
  world.inject({ matches: isCreate, times: Infinity, effect: { type: "delay", delayMs: 5_000 } });
  for (const name of names(30)) await world.create(site(name));
  await world.pass(1);
  for (const name of names(30)) await world.patch("Site", name, { spec: { text: "edited" } });
  await world.pass(60);
  deepEqual(overlap(world), { most: 20, isTwice: false });
  const { queue } = world.controller.status();
  equal(queue.ready + queue.running, 0);
  equal((await world.get("ConfigMap", "site-29"))?.data !== undefined, true);
  await world.stop();
});

Deno.test("law 2: many events make one run, and it reads the present state", async () => {
  const world = await createWorld({ definitions: siteDefinitions(), objects });
  world.inject({ matches: isCreate, effect: { type: "delay", delayMs: 5_000 } });
  await world.create(site("one"));
  await world.pass(1);
  for (let edit = 1; edit <= 50; edit++) {
    await world.patch("Site", "one", { spec: { text: `edit ${edit}` } });
  }
  world.takeRuns();
  await world.pass(10);
  // One for the fifty edits, which patches, and the one that looks at what the patch made.
  deepEqual(world.takeRuns(), ["one", "one"]);
  deepEqual((await world.get("ConfigMap", "one"))?.data, { text: "edit 50", version: "1" });
  await world.stop();
});

Deno.test("law 10: a trigger that fails delays no other", async () => {
  const world = await createWorld({
    definitions: siteDefinitions(),
    objects,
    settings: { workers: 1 },
  });
  const isBad = ({ name }: { readonly name?: string }) => name === "bad";
  world.inject({ matches: isBad, times: Infinity, effect: { type: "refuse", status: 500 } });
  await world.create(site("bad"));
  for (const name of names(20)) await world.create(site(name));
  await world.settle();
  const { managedObjects } = world.controller.status();
  equal(managedObjects, 20);
  await world.stop();
});

Deno.test("law 10: Retry-After of a refused write is honoured", async () => {
  const world = await createWorld({ definitions: siteDefinitions(), objects });
  const refused = world.inject({
    matches: isCreate,
    effect: { type: "refuse", status: 429, retryAfterSeconds: 90 },
  });
  await world.create(site("one"));
  await world.settle();
  equal(refused.struck, 1);
  world.takeCalls();
  await world.pass(89);
  equal(world.takeCalls().filter(isCreate).length, 0);
  await world.pass(12);
  equal(world.takeCalls().filter(isCreate).length, 1);
  await world.stop();
});

Deno.test("law 12: an end takes no new work and lets running reconciles finish", async () => {
  const world = await createWorld({
    definitions: siteDefinitions(),
    objects,
    settings: { workers: 2 },
  });
  world.inject({ matches: isCreate, times: Infinity, effect: { type: "delay", delayMs: 5_000 } });
  for (const name of names(5)) await world.create(site(name));
  await world.settle();
  await world.stop();
  const started = world.events.filter(({ type }) => type === "run-started").length;
  const ended = world.events.filter(({ type }) => type === "run-ended").length;
  deepEqual([started, ended], [2, 2]);
  equal(world.clock.sleeping <= 1, true, "nothing of the controller waits on");
});

Deno.test("law 12: a reconcile that outlasts the grace period is aborted", async () => {
  const world = await createWorld({
    definitions: siteDefinitions(),
    objects,
    settings: { graceSeconds: 3 },
  });
  world.inject({ matches: isCreate, effect: { type: "delay", delayMs: 3_600_000 } });
  await world.create(site("one"));
  await world.settle();
  await world.stop();
  equal(world.events.some(({ type }) => type === "run-ended"), false);
});

Deno.test("law 13: what a user edits is reconciled before the backlog of a restart", async () => {
  const world = await createWorld({
    definitions: siteDefinitions(),
    objects,
    settings: { workers: 1 },
  });
  for (const name of names(40)) await world.create(site(name));
  await world.settle();
  await world.stop();
  await world.patch("Site", "site-33", { spec: { text: "while away" } });
  const isPatch = ({ verb }: { readonly verb: string }) => verb === "patch";
  world.inject({ matches: isPatch, times: Infinity, effect: { type: "delay", delayMs: 1_000 } });
  world.takeRuns();
  await world.restart();
  await world.patch("Site", "site-20", { spec: { text: "now" } });
  await world.pass(60);
  const runs = world.takeRuns();
  equal(runs[0], "site-33");
  ok(runs.indexOf("site-20") <= 2, `after ${runs.indexOf("site-20")} others`);
  await world.stop();
});
