// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { siteDefinitions } from "../site_definitions.ts";
import { conditions, createWorld, site, triggerDefinition } from "../world.ts";

const objects = [triggerDefinition("Site"), triggerDefinition("Page")];
const page = (name: string) => ({ ...site(name), kind: "Page" });
const both = (siteVersion: string, pageVersion: string) =>
  [
    siteDefinitions({ version: siteVersion }),
    siteDefinitions({ version: pageVersion, workflow: "page.v1", crdKind: "Page" }),
  ].join("---\n");

Deno.test("law 6: a definition change re-runs exactly the triggers whose Workflow changed", async () => {
  const world = await createWorld({ definitions: both("1", "1"), objects });
  for (const name of ["a", "b"]) await world.create(site(`site-${name}`));
  await world.create(page("page-a"));
  await world.settle();
  world.takeRuns();
  world.registry.set(both("2", "1"));
  await world.settle();
  deepEqual(new Set(world.takeRuns()), new Set(["site-a", "site-b"]));
  deepEqual((await world.get("ConfigMap", "site-a"))?.data, { text: "hello", version: "2" });
  deepEqual((await world.get("ConfigMap", "page-a"))?.data, { text: "hello", version: "1" });
  await world.stop();
});

Deno.test("law 6: a revision that changes no Workflow of a trigger runs and writes nothing", async () => {
  const world = await createWorld({ definitions: both("1", "1"), objects });
  await world.create(site("one"));
  await world.settle();
  world.takeRuns();
  world.takeCalls();
  world.registry.set(`# Only a comment.\n${both("1", "1")}`);
  await world.pass(60);
  deepEqual(world.takeRuns(), []);
  deepEqual(world.takeCalls(), []);
  await world.stop();
});

Deno.test("law 6: a trigger that names another Workflow is touched by that one only", async () => {
  const world = await createWorld({ definitions: both("1", "1"), objects });
  const annotations = { "koreo.dev/workflow": "page.v1" };
  await world.create(site("one", {}, { annotations }));
  await world.settle();
  world.takeRuns();
  world.registry.set(both("2", "1"));
  await world.settle();
  deepEqual(world.takeRuns(), []);
  world.registry.set(both("2", "2"));
  await world.settle();
  deepEqual(new Set(world.takeRuns()), new Set(["one"]));
  await world.stop();
});

Deno.test("law 6: a kind that a Workflow comes to name is followed without a restart", async () => {
  const world = await createWorld({ definitions: siteDefinitions(), objects });
  await world.create(page("page-a"));
  await world.settle();
  equal(await world.get("ConfigMap", "page-a"), undefined);
  world.registry.set(both("1", "1"));
  await world.settle();
  deepEqual((await world.get("ConfigMap", "page-a"))?.data, { text: "hello", version: "1" });
  world.registry.set(siteDefinitions());
  await world.settle();
  world.takeRuns();
  await world.patch("Page", "page-a", { spec: { text: "nobody looks" } });
  deepEqual(world.takeRuns(), []);
  await world.stop();
});

Deno.test("law 7: a broken definition stops what depends on it and nothing else", async () => {
  const world = await createWorld({ definitions: both("1", "1"), objects });
  await world.create(site("site-a"));
  await world.create(page("page-a"));
  await world.settle();
  const broken = siteDefinitions({ workflow: "page.v1", crdKind: "Page" })
    .replace("name: page.v1-map}", "name: elsewhere}");
  world.registry.set([siteDefinitions(), broken].join("---\n"));
  await world.settle();
  await world.patch("Site", "site-a", { spec: { text: "still works" } });
  deepEqual((await world.get("ConfigMap", "site-a"))?.data, { text: "still works", version: "1" });
  equal(conditions(await world.get("Site", "site-a")).Ready, "True Ready");
  equal(conditions(await world.get("Page", "page-a")).Ready, "False Wait");
  deepEqual((await world.get("ConfigMap", "page-a"))?.data, { text: "hello", version: "1" });
  await world.stop();
});

Deno.test("law 6: the runs of many triggers follow one another, an edit overtakes them", async () => {
  const world = await createWorld({
    definitions: siteDefinitions({ version: "1" }),
    objects,
    settings: { definitionWakes: { burst: 10, perSecond: 5 } },
  });
  const names = Array.from({ length: 60 }, (_, index) => `site-${index}`);
  for (const name of names) await world.create(site(name));
  await world.settle();
  world.takeRuns();
  world.registry.set(siteDefinitions({ version: "2" }));
  await world.settle();
  const ran = new Set(world.takeRuns());
  equal(ran.size, 10);
  await world.pass(2);
  for (const name of world.takeRuns()) ran.add(name);
  equal(ran.size, 20);
  const last = names.findLast((name) => !ran.has(name)) ?? "";
  await world.patch("Site", last, { spec: { text: "edited" } });
  await world.settle();
  deepEqual(new Set(world.takeRuns()), new Set([last]));
  ran.add(last);
  await world.pass(10);
  for (const name of world.takeRuns()) ran.add(name);
  deepEqual(ran, new Set(names));
  await world.stop();
});

Deno.test("law 6: a change of one trigger's definitions runs it at once", async () => {
  const world = await createWorld({ definitions: siteDefinitions({ version: "1" }), objects });
  await world.create(site("one"));
  await world.settle();
  world.takeRuns();
  for (const version of ["2", "3", "4"]) {
    world.registry.set(siteDefinitions({ version }));
    await world.settle();
    deepEqual(new Set(world.takeRuns()), new Set(["one"]));
  }
  await world.stop();
});
