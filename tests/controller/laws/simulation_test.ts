// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { type JsonObject, memberAt } from "../../../src/language/mod.ts";
import type { Random } from "../../../src/runtime/ports.ts";
import { createSeededRandom, type FaultEffect } from "../../../src/simulator/mod.ts";
import { siteDefinitions } from "../site_definitions.ts";
import {
  conditions,
  createWorld,
  NAMESPACE,
  site,
  triggerDefinition,
  type World,
} from "../world.ts";

/** Laws 3, 5 and 8 together: whatever happens, in the end everything is as it should be. */

const objects = [triggerDefinition("Site")];
const TRIGGERS = ["a", "b", "c"];
const STEPS = 2;
const SEEDS = 40;
const ACTIONS = 25;
const never = new AbortController().signal;

const EFFECTS: readonly FaultEffect[] = [
  { type: "cut" },
  { type: "cut", afterEffect: true },
  { type: "timeout", afterMs: 10_000 },
  { type: "timeout", afterMs: 10_000, afterEffect: true },
  { type: "delay", delayMs: 2_500 },
  { type: "refuse", status: 409, reason: "Conflict" },
  { type: "refuse", status: 429, retryAfterSeconds: 20 },
  { type: "refuse", status: 500 },
  { type: "refuse", status: 503 },
];

/** What a user wants of the triggers: text by name. */
type Wishes = Map<string, string>;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random.next() * from.length)] as T;
}

interface Play {
  readonly world: World;
  readonly random: Random;
  readonly wishes: Wishes;
  version: number;
}

type Act = (play: Play) => Promise<void>;

async function edit({ world, random, wishes }: Play): Promise<void> {
  const name = pick(random, TRIGGERS);
  const text = `text ${Math.floor(random.next() * 1000)}`;
  if (wishes.has(name)) await world.patch("Site", name, { spec: { text } });
  else if (await world.get("Site", name) === undefined) await world.create(site(name, { text }));
  else return;
  wishes.set(name, text);
}

async function removeTrigger({ world, random, wishes }: Play): Promise<void> {
  const name = pick(random, TRIGGERS);
  if (wishes.delete(name)) await world.remove("Site", name);
}

async function drift({ world, random }: Play): Promise<void> {
  const name = pick(random, TRIGGERS.flatMap((trigger) => [trigger, `${trigger}-1`]));
  if (await world.get("ConfigMap", name) === undefined) return;
  if (random.next() < 0.5) await world.remove("ConfigMap", name);
  else await world.patch("ConfigMap", name, { data: { text: "drifted" } });
}

const ACTS: readonly Act[] = [
  edit,
  edit,
  edit,
  removeTrigger,
  drift,
  drift,
  ({ world, random }) =>
    Promise.resolve(
      void world.inject({
        nth: 1 + Math.floor(random.next() * 4),
        times: 1 + Math.floor(random.next() * 3),
        effect: pick(random, EFFECTS),
      }),
    ),
  ({ world }) => Promise.resolve(world.simulator.dropWatches()),
  ({ world }) => Promise.resolve(world.simulator.expireWatches()),
  ({ world }) => world.restart(),
  async (play) => {
    play.world.registry.set(definitions(++play.version));
    await play.world.settle();
  },
  ({ world, random }) => world.pass(random.next() * 60),
];

function definitions(version: number): string {
  return siteDefinitions({
    steps: STEPS,
    version: `${version}`,
    createDelay: version % 3,
    deletePolicy: "destroy: {}",
  }).replace("namespace: =inputs.namespace", "namespace: =inputs.namespace\n    owned: false");
}

async function expectAllRight({ world, wishes, version }: Play): Promise<void> {
  const path = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };
  const { items } = await world.simulator.cluster.list(path, { namespace: NAMESPACE }, {
    signal: never,
  });
  const found = items.map(({ metadata, data }) => [metadata.name, data as JsonObject]);
  const wanted = [...wishes].flatMap(([name, text]) => {
    const data = { text, version: `${version}` };
    return [[name, data], [`${name}-1`, data]];
  });
  deepEqual(Object.fromEntries(found), Object.fromEntries(wanted));
  for (const [name, text] of wishes) {
    const trigger = await world.get("Site", name);
    equal(conditions(trigger).Ready, "True Ready");
    equal(memberAt(trigger, "status", "state", "text0"), text);
  }
  const triggers = await Promise.all(TRIGGERS.map((name) => world.get("Site", name)));
  equal(triggers.filter((trigger) => trigger !== undefined).length, wishes.size);
  equal(world.controller.settled(), true);
}

for (let seed = 1; seed <= SEEDS; seed++) {
  Deno.test(`laws 3, 5 and 8: everything is right in the end, whatever happens (seed ${seed})`, async () => {
    const random = createSeededRandom(seed);
    const settings = { graceSeconds: 0 };
    const world = await createWorld({ definitions: definitions(1), objects, settings, seed });
    const play: Play = { world, random, wishes: new Map(), version: 1 };
    for (let action = 0; action < ACTIONS; action++) await pick(random, ACTS)(play);
    world.simulator.faults.clear();
    // Longer than every back-off that may have begun, shorter than a resync.
    await world.pass(400);
    await expectAllRight(play);
    await world.stop();
  });
}
