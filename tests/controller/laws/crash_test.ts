// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import type { JsonObject } from "../../../src/language/mod.ts";
import type { FaultEffect } from "../../../src/simulator/mod.ts";
import { siteDefinitions } from "../site_definitions.ts";
import { conditions, createWorld, site, triggerDefinition, type World } from "../world.ts";

const objects = [triggerDefinition("Site")];
const settings = { graceSeconds: 0 };
const WRITES = new Set(["create", "patch", "delete"]);
const never = new AbortController().signal;

/** Names of all ConfigMaps and the trigger that each names in its text. */
async function maps(world: World): Promise<Readonly<Record<string, string>>> {
  const path = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };
  const { items } = await world.simulator.cluster.list(path, {}, { signal: never });
  return Object.fromEntries(
    items.map(({ metadata, data }) => [String(metadata.name), String((data as JsonObject).text)]),
  );
}

/** The requests on which a crash is tried: before they are carried out, or after. */
const EFFECTS: readonly FaultEffect[] = [
  { type: "timeout", afterMs: 3_600_000 },
  { type: "timeout", afterMs: 3_600_000, afterEffect: true },
];

/** Lets the controller die at its n-th write from now on; false when it never makes that many. */
async function crashAt(world: World, nth: number, effect: FaultEffect): Promise<boolean> {
  const fault = world.inject({ matches: ({ verb }) => WRITES.has(verb), nth, effect });
  await world.pass(40);
  const isStruck = fault.struck > 0;
  fault.remove();
  world.simulator.faults.clear();
  await world.restart();
  await world.pass(120);
  return isStruck;
}

for (const effect of EFFECTS) {
  const when = "afterEffect" in effect ? "after" : "before";
  Deno.test(`law 8: a crash ${when} any write of a first run converges`, async () => {
    let [nth, isStruck] = [0, true];
    for (nth = 1; isStruck; nth++) {
      const definitions = siteDefinitions({ steps: 3 });
      const world = await createWorld({ definitions, objects, settings, seed: nth });
      const crash = crashAt(world, nth, effect);
      await world.create(site("one"));
      isStruck = await crash;
      deepEqual(await maps(world), { one: "hello", "one-1": "hello", "one-2": "hello" });
      equal(conditions(await world.get("Site", "one")).Ready, "True Ready", `write ${nth}`);
      await world.stop();
    }
    ok(nth > 5, `${nth} writes`);
  });

  Deno.test(`law 8: a crash ${when} any write of a rename leaves nothing behind`, async () => {
    let [nth, isStruck] = [0, true];
    for (nth = 1; isStruck; nth++) {
      const options = { steps: 2, deletePolicy: "destroy: {}" };
      const before = siteDefinitions(options);
      const world = await createWorld({ definitions: before, objects, settings, seed: nth });
      await world.create(site("one"));
      await world.create({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "not-ours", namespace: "team-a" },
        data: { text: "of someone else" },
      });
      await world.settle();
      const crash = crashAt(world, nth, effect);
      world.registry.set(before.replaceAll('"-1"', '"-renamed"'));
      isStruck = await crash;
      deepEqual(await maps(world), {
        "not-ours": "of someone else",
        one: "hello",
        "one-renamed": "hello",
      }, `write ${nth}`);
      await world.stop();
    }
    ok(nth > 4, `${nth} writes`);
  });

  Deno.test(`law 8: a crash ${when} any write of a trigger's end leaves nothing behind`, async () => {
    let [nth, isStruck] = [0, true];
    for (nth = 1; isStruck; nth++) {
      const unowned = siteDefinitions({ steps: 2, deletePolicy: "destroy: {}" })
        .replace("namespace: =inputs.namespace", "namespace: =inputs.namespace\n    owned: false");
      const world = await createWorld({ definitions: unowned, objects, settings, seed: nth });
      await world.create(site("one"));
      await world.create(site("two"));
      await world.settle();
      const crash = crashAt(world, nth, effect);
      await world.remove("Site", "one");
      isStruck = await crash;
      equal(await world.get("Site", "one"), undefined, `write ${nth}`);
      deepEqual(await maps(world), { two: "hello", "two-1": "hello" }, `write ${nth}`);
      await world.stop();
    }
    ok(nth > 3, `${nth} writes`);
  });
}
