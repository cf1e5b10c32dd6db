// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { siteDefinitions } from "./site_definitions.ts";
import { conditions, createWorld, site, triggerDefinition } from "./world.ts";

Deno.test("a trigger is reconciled: its object exists and its conditions say so", async () => {
  const world = await createWorld({
    definitions: siteDefinitions(),
    objects: [triggerDefinition("Site")],
  });
  await world.create(site("one"));
  await world.settle();
  const map = await world.get("ConfigMap", "one");
  deepEqual(map?.data, { text: "hello", version: "1" });
  const trigger = await world.get("Site", "one");
    JSON.stringify(trigger, null, 1),
    world.logs,
    world.events.map((e) => e.type),
    world.takeCalls().map((c) => `${c.verb} ${c.kind} ${c.name} ${c.subresource}`),
  );
  deepEqual(conditions(trigger), { Map0: "True Ready", Ready: "True Ready" });
  equal(world.controller.settled(), true);
  await world.stop();
});
