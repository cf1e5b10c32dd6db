// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import {
  CANARY,
  type CanaryWorld,
  createCanaryWorld,
  namesByShare,
  versionOf,
} from "./canary_world.ts";
import { siteDefinitions } from "../site_definitions.ts";
import { conditions, site, triggerDefinition } from "../world.ts";

const [FIRST, SECOND, THIRD] = ["1", "2", "3"].map((version) => siteDefinitions({ version }));
const EARLY = ["early-1", "early-2"];
const LATE = ["late-1", "late-2"];

/** Definitions with a postcondition. */
function asserting(version: string, assertion: string): string {
  return siteDefinitions({ version }).replace(
    "  return:",
    `  postconditions:\n    - ${assertion}\n  return:`,
  );
}

const FAILING = asserting("bad", '{assert: =false, permFail: {message: "no such plan"}}');
const WAITING = asserting("slow", "{assert: =false, retry: {message: soon, delay: 30}}");
/** Definitions that never become ready for a text "later". */
const PATIENT = asserting(
  "2",
  `{assert: '=inputs.text != "later"', retry: {message: soon, delay: 30}}`,
);
/** Definitions that fail for good for a text "boom". */
const TOUCHY = asserting(
  "2",
  `{assert: '=inputs.text != "boom"', permFail: {message: "bad text"}}`,
);

function start(definitions = FIRST ?? ""): Promise<CanaryWorld> {
  return createCanaryWorld({ definitions, early: EARLY, late: LATE });
}

async function versions(world: CanaryWorld): Promise<readonly unknown[]> {
  return await Promise.all([...EARLY, ...LATE].map((name) => versionOf(world, name)));
}

Deno.test("a new revision reaches the share first, and everyone after the soak", async () => {
  const world = await start();
  deepEqual(await versions(world), ["1", "1", "1", "1"]);
  world.takeRuns();
  await world.commit(SECOND ?? "");
  deepEqual(await versions(world), ["2", "2", "1", "1"]);
  // Law 6: nobody else runs.
  deepEqual([...new Set(world.takeRuns())].sort(), EARLY);
  equal(world.status()?.canary?.progress?.triggers, 2);
  await world.pass(299);
  deepEqual(await versions(world), ["2", "2", "1", "1"]);
  world.takeRuns();
  await world.pass(2);
  deepEqual(await versions(world), ["2", "2", "2", "2"]);
  deepEqual([...new Set(world.takeRuns())].sort(), LATE);
  equal(world.status()?.canary, undefined);
  await world.stop();
});

Deno.test("a new failure in the share takes the revision back at once", async () => {
  const world = await start();
  const bad = await world.commit(FAILING);
  await world.settle();
  deepEqual(await versions(world), ["1", "1", "1", "1"]);
  const [refusal] = world.status()?.refused ?? [];
  equal(refusal?.revision, `main@sha1:${bad}`);
  match(
    refusal?.reason ?? "",
    /^Site "team-a\/early-[12]" fails, and did not before: .*no such plan/,
  );
  equal(conditions(await world.get("Site", "early-1")).Ready, "True Ready");
  equal(conditions(await world.get("Site", "late-1")).Ready, "True Ready");
  // It is not offered again, neither by the branch nor after a restart.
  await world.look();
  equal(world.status()?.canary, undefined);
  await world.restart();
  await world.look();
  deepEqual(await versions(world), ["1", "1", "1", "1"]);
  // Until the branch moves.
  await world.commit(SECOND ?? "");
  deepEqual(await versions(world), ["2", "2", "1", "1"]);
  await world.stop();
});

Deno.test("a trigger that failed before fails no canary", async () => {
  const world = await start(FAILING);
  match(conditions(await world.get("Site", "early-1")).Ready ?? "", /Failure/);
  await world.commit(FAILING.replace("no such plan", "still no such plan"));
  await world.pass(301);
  equal(world.status()?.canary, undefined);
  equal(world.status()?.refused, undefined);
  match(JSON.stringify((await world.get("Site", "late-1"))?.status), /still no such plan/);
  await world.stop();
});

Deno.test("a revision from which triggers do not become Ready is taken back at the deadline", async () => {
  const world = await start();
  await world.commit(WAITING);
  await world.pass(310);
  match(world.status()?.canary?.progress?.reason ?? "", /was Ready and is not/);
  await world.pass(300);
  equal(world.status()?.canary, undefined);
  match(world.status()?.refused?.[0]?.reason ?? "", /was Ready and is not/);
  deepEqual(await versions(world), ["1", "1", "1", "1"]);
  await world.stop();
});

Deno.test("a commit that changes no Workflow is in force at once, and a canary goes on", async () => {
  const world = await start();
  const comment = await world.commit(`# a comment\n${FIRST}`);
  equal(world.status()?.workflows[0]?.revision, `main@sha1:${comment}`);
  equal(world.status()?.canary, undefined);
  await world.commit(SECOND ?? "");
  await world.pass(200);
  const moved = await world.commit(`# a comment\n${SECOND}`);
  equal(world.status()?.canary?.revision, `main@sha1:${moved}`);
  await world.pass(101);
  equal(world.status()?.canary, undefined);
  deepEqual(await versions(world), ["2", "2", "2", "2"]);
  await world.stop();
});

Deno.test("a newer revision takes the place of the one that is tried, and soaks anew", async () => {
  const world = await start();
  await world.commit(SECOND ?? "");
  await world.pass(200);
  await world.commit(THIRD ?? "");
  deepEqual(await versions(world), ["3", "3", "1", "1"]);
  await world.pass(200);
  deepEqual(await versions(world), ["3", "3", "1", "1"]);
  await world.pass(101);
  deepEqual(await versions(world), ["3", "3", "3", "3"]);
  await world.stop();
});

Deno.test("a branch that goes back ends the canary", async () => {
  const world = await start();
  await world.commit(SECOND ?? "");
  await world.commit(FIRST ?? "", "Revert");
  equal(world.status()?.canary, undefined);
  equal(world.status()?.refused, undefined);
  deepEqual(await versions(world), ["1", "1", "1", "1"]);
  await world.stop();
});

Deno.test("a promotion ends the soak, and a rollback brings back what was before", async () => {
  const world = await start();
  const first = world.status()?.workflows[0]?.revision;
  const second = `main@sha1:${await world.commit(SECOND ?? "")}`;
  deepEqual(world.releases().promote("stable", { reason: "asked", revision: "main@sha1:0" }), {
    type: "refused",
    message: `Channel "stable" tries "${second}", not "main@sha1:0"`,
    revision: first,
  });
  equal(world.releases().promote("stable", { reason: "asked" }).type, "done");
  await world.settle();
  deepEqual(await versions(world), ["2", "2", "2", "2"]);
  equal(world.status()?.previous, first);
  equal(world.releases().promote("stable", { reason: "asked", revision: second }).type, "done");
  const again = world.releases().promote("stable", { reason: "asked" });
  deepEqual([again.type, again.revision], ["done", second]);
  equal(world.releases().rollBack("stable", { reason: "asked" }).revision, first);
  equal(world.releases().promote("stable", { reason: "asked" }).type, "refused");
  await world.settle();
  deepEqual(await versions(world), ["1", "1", "1", "1"]);
  await world.look();
  deepEqual(await versions(world), ["1", "1", "1", "1"]);
  deepEqual(world.releases().rollBack("stable", { reason: "asked" }), {
    type: "refused",
    message: 'Channel "stable" has no earlier revision to go back to',
    revision: first,
  });
  await world.stop();
});

Deno.test("a restart in the middle of a canary goes on with it", async () => {
  const world = await start();
  await world.commit(SECOND ?? "");
  await world.pass(100);
  deepEqual(world.records.get("stable")?.release.candidate?.baseline, { failed: [], unready: [] });
  await world.restart();
  await world.look();
  deepEqual(await versions(world), ["2", "2", "1", "1"]);
  equal(world.status()?.canary?.revision.startsWith("main@sha1:"), true);
  // Stopping took a minute.
  await world.pass(145);
  deepEqual(await versions(world), ["2", "2", "2", "2"]);
  await world.stop();
});

Deno.test("a failure that a crash kept from taking the revision back does so after it", async () => {
  const world = await start();
  await world.commit(TOUCHY);
  await world.pass(5);
  await world.stop();
  // What a run from what is tried leaves just before a crash.
  await world.patch("Site", "early-1", { spec: { text: "boom" } });
  const failed = { type: "Ready", status: "False", reason: "Failure" };
  await world.patch("Site", "early-1", { status: { conditions: [failed] } }, "status");
  await world.restart();
  await world.look();
  equal(world.status()?.canary, undefined);
  match(world.status()?.refused?.[0]?.reason ?? "", /early-1" fails, and did not before.*bad text/);
  await world.stop();
});

Deno.test("a trigger that is made meanwhile need not become Ready", async () => {
  const world = await start();
  await world.commit(PATIENT);
  await world.pass(200);
  await world.create(site("early-3", { text: "later" }, { labels: { ring: "early" } }));
  await world.pass(10);
  deepEqual(world.status()?.canary?.progress, { triggers: 3, ran: 3, ready: 2, failed: 0 });
  await world.pass(91);
  equal(world.status()?.canary, undefined);
  equal(world.status()?.refused, undefined);
  await world.stop();
});

Deno.test("a trigger that is made meanwhile must not fail", async () => {
  const world = await start();
  await world.commit(TOUCHY);
  await world.create(site("early-3", { text: "boom" }, { labels: { ring: "early" } }));
  await world.pass(1);
  match(world.status()?.refused?.[0]?.reason ?? "", /early-3" fails/);
  await world.stop();
});

for (
  const [name, before, after] of [
    ["comes into the share", {}, { labels: { ring: "early" } }],
    [
      "goes on after it was suspended",
      { labels: { ring: "early" }, annotations: { "koreo.dev/reconcile": "suspended" } },
      { annotations: { "koreo.dev/reconcile": null } },
    ],
  ] as const
) {
  Deno.test(`a trigger that failed before, and ${name}, does not take a revision back`, async () => {
    const world = await start(TOUCHY);
    await world.patch("Site", "late-1", { spec: { text: "boom" } });
    await world.settle();
    equal(conditions(await world.get("Site", "late-1"))["Ready"], "False Failure");
    await world.patch("Site", "late-1", { metadata: before });
    await world.settle();
    await world.commit(TOUCHY.replaceAll('"2"', '"3"'));
    equal(world.status()?.canary?.progress?.triggers, 2);
    await world.patch("Site", "late-1", { metadata: after });
    await world.pass(10);
    deepEqual(world.status()?.canary?.progress, { triggers: 3, ran: 3, ready: 2, failed: 1 });
    await world.pass(301);
    equal(world.status()?.refused, undefined);
    equal(world.status()?.canary, undefined);
    deepEqual(await versions(world), ["3", "3", "3", "3"]);
    await world.stop();
  });
}

for (const isRestarted of [false, true]) {
  const when = isRestarted ? "while nobody looked" : "meanwhile";
  Deno.test(`a revision that is pushed ${when} is judged by how triggers were before the one it replaces`, async () => {
    const world = await start();
    await world.commit(WAITING);
    await world.pass(100);
    equal(conditions(await world.get("Site", "early-1"))["Ready"], "False Wait");
    if (isRestarted) await world.stop();
    const again = WAITING.replaceAll('"slow"', '"slower"');
    if (isRestarted) world.repository.write({ "all.k.yaml": again });
    else await world.commit(again);
    if (isRestarted) await world.restart();
    await world.look();
    await world.pass(400);
    match(world.status()?.canary?.progress?.reason ?? "", /early-\d" was Ready and is not/);
    await world.pass(400);
    match(world.status()?.refused?.at(-1)?.reason ?? "", /early-\d" was Ready and is not/);
    deepEqual(await versions(world), ["1", "1", "1", "1"]);
    await world.stop();
  });
}

Deno.test("what went into force is what the next revision is compared with", async () => {
  const world = await start();
  await world.patch("Site", "early-1", { spec: { text: "later" } });
  await world.commit(PATIENT);
  await world.pass(10);
  equal(conditions(await world.get("Site", "early-1"))["Ready"], "False Wait");
  world.releases().promote("stable", { reason: "asked" });
  await world.pass(60);
  await world.commit(PATIENT.replaceAll('"2"', '"3"'));
  await world.pass(5);
  deepEqual(world.status()?.canary?.progress, { triggers: 2, ran: 2, ready: 1, failed: 0 });
  await world.pass(301);
  equal(world.status()?.canary, undefined);
  equal(world.status()?.refused, undefined);
  await world.stop();
});

Deno.test("triggers that are suspended are not waited for to be Ready", async () => {
  const world = await start();
  await world.patch("Site", "early-2", {
    metadata: { annotations: { "koreo.dev/reconcile": "suspended" } },
  });
  await world.commit(SECOND ?? "");
  equal(world.status()?.canary?.progress?.triggers, 1);
  await world.pass(301);
  equal(world.status()?.canary, undefined);
  deepEqual(await versions(world), ["2", "1", "2", "2"]);
  await world.stop();
});

Deno.test("a revision that nobody of the share runs is in force after the soak all the same", async () => {
  const world = await createCanaryWorld({ definitions: FIRST ?? "", early: [], late: LATE });
  await world.commit(SECOND ?? "");
  equal(world.status()?.canary?.progress?.triggers, 0);
  await world.pass(301);
  equal(await versionOf(world, "late-1"), "2");
  match(JSON.stringify(world.logs), /no trigger of the canary has a Workflow that changed/);
  await world.stop();
});

Deno.test("a percentage takes the same triggers each time", async () => {
  const [inside, outside] = namesByShare(20, 3);
  const world = await createCanaryWorld({
    definitions: FIRST ?? "",
    early: [],
    late: [...inside, ...outside],
    canary: { ...CANARY, share: { type: "percent", percent: 20 } },
  });
  for (const [definitions, version] of [[SECOND, "2"], [THIRD, "3"]] as const) {
    await world.commit(definitions ?? "");
    for (const name of inside) equal(await versionOf(world, name), version);
    for (const name of outside) equal(await versionOf(world, name), "1");
  }
  await world.stop();
});

Deno.test("a Workflow that is not changed is none of the canary's business", async () => {
  const pages = siteDefinitions({ workflow: "page.v1", crdKind: "Page" });
  const world = await start(`${FIRST}---\n${pages}`);
  world.takeRuns();
  await world.commit(`${FIRST}---\n${pages.replaceAll('"1"', '"2"')}`);
  deepEqual(world.takeRuns(), []);
  equal(world.status()?.canary?.progress?.triggers, 0);
  await world.stop();
});

Deno.test("a revision is not promoted while nobody can say which triggers there are", async () => {
  const world = await start();
  await world.commit(SECOND ?? "");
  const fault = world.inject({
    matches: ({ verb, kind }) => verb === "list" && kind === "Site",
    times: Infinity,
    effect: { type: "refuse", status: 500 },
  });
  await world.restart();
  await world.pass(400);
  equal(world.status()?.canary?.progress?.reason, 'triggers of kind "Site" cannot be listed');
  deepEqual(await versions(world), ["2", "2", "1", "1"]);
  fault.remove();
  await world.pass(400);
  equal(world.status()?.canary, undefined);
  deepEqual(await versions(world), ["2", "2", "2", "2"]);
  await world.stop();
});

Deno.test("a new kind that may not be listed stands in the way of no canary", async () => {
  const world = await start();
  await world.create(triggerDefinition("Page"));
  world.inject({
    matches: ({ verb, kind }) => verb === "list" && kind === "Page",
    times: Infinity,
    effect: { type: "refuse", status: 403 },
  });
  const page = siteDefinitions({ workflow: "page.v1", crdKind: "Page" });
  await world.commit(`${SECOND}---\n${page}`);
  equal(world.status()?.canary?.workflows.length, 2);
  await world.pass(310);
  equal(world.status()?.canary, undefined);
  deepEqual(await versions(world), ["2", "2", "2", "2"]);
  await world.stop();
});
