// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { createControllerCore } from "../../../src/controller/controller_core.ts";
import { reconcileTrigger } from "../../../src/controller/triggers/reconcile_workflow.ts";
import { triggerKey } from "../../../src/controller/queue/trigger_key.ts";
import {
  createManualClock,
  createSeededRandom,
  createSimulator,
} from "../../../src/simulator/mod.ts";
import { createTestRegistry, site, triggerDefinition } from "../world.ts";

const never = new AbortController().signal;
const SITES = { apiVersion: "example.dev/v1", kind: "Site", plural: "sites", namespace: "team-a" };
const DEFINITIONS = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
};

Deno.test("a trigger that went away during its turn leaves nothing behind", async () => {
  const clock = createManualClock({ settle: () => new Promise((done) => setTimeout(done, 0)) });
  const { cluster } = createSimulator({ clock, namespaces: ["team-a"] });
  await cluster.create(DEFINITIONS, triggerDefinition("Site") as never, { signal: never });
  await cluster.create(SITES, site("one") as never, { signal: never });
  const { context, kinds } = createControllerCore({
    cluster,
    clock,
    random: createSeededRandom(),
    registry: createTestRegistry(),
    logger: { log: () => {} },
  }, () => {});
  const stop = new AbortController();
  kinds.follow([{ apiVersion: SITES.apiVersion, kind: SITES.kind, role: "trigger" }]);
  const following = kinds.run({ signal: stop.signal });
  await clock.advance(1_000);
  const key = triggerKey(SITES, "team-a/one");
  await cluster.delete({ ...SITES, name: "one" }, {}, { signal: never });
  await clock.advance(0);
  // What the rest of a turn does after the watch has told of the end.
  context.memories.of(key);
  context.watched.add(key, "v1 ConfigMap team-a/one");
  const item = { key, reasons: ["retry"], waitMs: 0 } as const;
  const after = await reconcileTrigger(item, context, { signal: never });
  deepEqual(after, { type: "rest" });
  deepEqual([...context.memories.entries()], []);
  deepEqual([...context.watched.objects()], []);
  stop.abort();
  await following;
});
