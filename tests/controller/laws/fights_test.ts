// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { isJsonList, member, memberAt } from "../../../src/language/mod.ts";
import { siteDefinitions } from "../site_definitions.ts";
import { createWorld, NAMESPACE, site, triggerDefinition, type World } from "../world.ts";

const MAPS = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };
const PATH = { ...MAPS, namespace: NAMESPACE, name: "one" };

async function settledWorld(): Promise<World> {
  const world = await createWorld({
    definitions: siteDefinitions(),
    objects: [triggerDefinition("Site")],
  });
  await world.create(site("one"));
  await world.settle();
  world.events.splice(0);
  return world;
}

/** Someone who does not leave the ConfigMap as it should be. */
function oppose({ simulator }: World) {
  const stop = new AbortController();
  const { signal } = stop;
  const counted = { reverts: 0 };
  const { cluster, resourceVersion } = simulator;
  const theirs = { data: { text: "theirs" } };
  const patch = { type: "merge", body: theirs, fieldManager: "other-controller" } as const;
  const opposing = (async () => {
    for await (const { object } of cluster.watch(MAPS, { resourceVersion }, { signal })) {
      if (memberAt(object, "data", "text") !== "hello") continue;
      counted.reverts++;
      await cluster.patch(PATH, patch, { signal });
    }
  })().catch((failure) => {
    if (!signal.aborted) throw failure;
  });
  return {
    begin: () => cluster.patch(PATH, patch, { signal }),
    counted,
    async end() {
      stop.abort();
      await opposing;
    },
  };
}

/** The condition that tells of a fight. */
async function contested(world: World): Promise<string | undefined> {
  const conditions = memberAt(await world.get("Site", "one"), "status", "conditions");
  const found = isJsonList(conditions)
    ? conditions.find((condition) => member(condition, "type") === "Contested")
    : undefined;
  const message = member(found, "message");
  return typeof message === "string" ? message : undefined;
}

Deno.test("law 9: the trigger says who fights over which field", async () => {
  const world = await settledWorld();
  const opponent = oppose(world);
  await opponent.begin();
  await world.pass(60);
  const fight = '"other-controller" keeps changing "data.text" of ConfigMap "team-a/one"';
  equal(await contested(world), fight);
  deepEqual(
    world.logs.filter(({ level }) => level === "warn").map(({ message }) => message),
    [`Site "team-a/one" is in a fight: ${fight}`],
  );
  const [told, ...more] = world.events.filter(({ type }) => type === "contested");
  deepEqual(told?.type === "contested" && told.change, {
    type: "changed",
    field: "data.text",
    manager: "other-controller",
  });
  deepEqual(more, []);
  await opponent.end();
  await world.stop();
});

Deno.test("law 9: a fight is slowed down, and the user is still served at once", async () => {
  const world = await settledWorld();
  const opponent = oppose(world);
  await opponent.begin();
  await world.pass(300);
  const { reverts } = opponent.counted;
  ok(reverts >= 20 && reverts <= 200, `${reverts} in five minutes`);
  await world.patch("Site", "one", { spec: { text: "edited" } });
  equal(memberAt(await world.get("ConfigMap", "one"), "data", "text"), "edited");
  await opponent.end();
  await world.stop();
});

Deno.test("law 9: once a fight is over, the trigger does not speak of it", async () => {
  const world = await settledWorld();
  const opponent = oppose(world);
  await opponent.begin();
  await world.pass(60);
  await opponent.end();
  // Up to the next resync.
  await world.pass(1_400);
  equal(await contested(world), undefined);
  equal(memberAt(await world.get("ConfigMap", "one"), "data", "text"), "hello");
  await world.stop();
});

Deno.test("law 9: a few corrections are no fight, and neither is what is left as it is", async () => {
  const world = await settledWorld();
  for (let edit = 0; edit < 4; edit++) {
    await world.patch("ConfigMap", "one", { data: { text: `edit ${edit}` } });
  }
  for (let edit = 0; edit < 10; edit++) {
    await world.patch("ConfigMap", "one", { data: { theirs: `edit ${edit}` } });
  }
  await world.pass(60);
  equal(await contested(world), undefined);
  await world.stop();
});

Deno.test("law 9: someone who keeps deleting an object is told of too", async () => {
  const world = await settledWorld();
  for (let times = 0; times < 6; times++) await world.remove("ConfigMap", "one");
  await world.pass(10);
  equal(await contested(world), 'Someone else keeps deleting ConfigMap "team-a/one"');
  await world.stop();
});
