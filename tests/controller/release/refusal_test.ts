// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import type { ChannelRecord } from "../../../src/controller/release/release.ts";
import { siteDefinitions } from "../site_definitions.ts";
import { type CanaryWorld, createCanaryWorld, versionOf } from "./canary_world.ts";
import { createRefusalWorld, type RefusalWorld } from "./refusal_world.ts";

const EARLY = ["early-1"];
const LATE = ["late-1"];
const GOOD = siteDefinitions({ version: "1" });
const BAD = siteDefinitions({ version: "bad" }).replace(
  "  return:",
  `  postconditions:\n    - {assert: =false, permFail: {message: "no such plan"}}\n  return:`,
);

/** A canary that has just failed. */
async function afterFailure(): Promise<{ readonly world: CanaryWorld; readonly bad: string }> {
  const world = await createCanaryWorld({ definitions: GOOD, early: EARLY, late: LATE });
  const bad = await world.commit(BAD);
  await world.settle();
  return { world, bad: `main@sha1:${bad}` };
}

async function versions(world: CanaryWorld): Promise<readonly unknown[]> {
  return await Promise.all([...EARLY, ...LATE].map((name) => versionOf(world, name)));
}

Deno.test("what failed in a canary is held back at once, and with every commit that brings it again", async () => {
  const { world, bad } = await afterFailure();
  const [atOnce] = world.status()?.workflows ?? [];
  equal(atOnce?.heldBack?.revision, bad);
  equal(atOnce?.heldBack?.takenBack?.revision, bad);
  const first = atOnce?.revision;
  world.takeRuns();
  const readme = await world.commit(`# a comment\n${BAD}`, "More to read");
  const [held] = world.status()?.workflows ?? [];
  deepEqual([held?.revision, held?.heldBack?.revision], [first, `main@sha1:${readme}`]);
  equal(held?.heldBack?.subject, "More to read");
  match(
    held?.heldBack?.reason ?? "",
    /^Workflow "\S+" would run as in "main@sha1:\w{40}", which was taken back at 20\S+Z: Site "team-a\/early-1" fails, and did not before: .*no such plan; change it, or allow it with "koreo promote stable --revision main@sha1:\w{40}"$/,
  );
  equal(world.status()?.canary, undefined);
  deepEqual(await versions(world), ["1", "1"]);
  // Nobody runs for it.
  deepEqual(world.takeRuns(), []);
  await world.restart();
  await world.look();
  deepEqual(await versions(world), ["1", "1"]);
  equal(world.status()?.workflows[0]?.heldBack?.takenBack?.revision, bad);
  await world.stop();
});

Deno.test("the fix of what failed in a canary is tried by itself, and so is what was before", async () => {
  const { world } = await afterFailure();
  await world.commit(siteDefinitions({ version: "2" }));
  deepEqual(await versions(world), ["2", "1"]);
  await world.pass(301);
  deepEqual(await versions(world), ["2", "2"]);
  equal(world.status()?.workflows[0]?.heldBack, undefined);
  await world.commit(GOOD);
  deepEqual(await versions(world), ["1", "2"]);
  await world.stop();
});

Deno.test("what is allowed again reaches everyone at once, although there is a canary", async () => {
  const { world, bad } = await afterFailure();
  const later = await world.commit(`# a comment\n${BAD}`);
  const answer = world.releases().promote("stable", { reason: "it was asked for", revision: bad });
  equal(answer.type, "done");
  await world.look();
  deepEqual(world.status()?.workflows.map(({ revision, heldBack }) => [revision, heldBack]), [
    [`main@sha1:${later}`, undefined],
  ]);
  deepEqual(await versions(world), ["bad", "bad"]);
  equal(world.status()?.canary, undefined);
  equal(world.status()?.refused, undefined);
  // And it can be taken back again.
  const back = world.releases().rollBack("stable", { reason: "worse after all" });
  const { revision, message } = back;
  // The revision is the same, with and without what was allowed.
  deepEqual([revision, message], [
    `main@sha1:${later}`,
    `"main@sha1:${later}" is taken back for Workflow "site.v1"`,
  ]);
  await world.look();
  deepEqual(await versions(world), ["1", "1"]);
  equal(
    world.status()?.workflows[0]?.heldBack?.takenBack?.revision,
    `main@sha1:${later}`,
  );
  await world.stop();
});

async function shown(world: RefusalWorld): Promise<readonly string[]> {
  const { current: { workflows } } = await world.release();
  const commitOf = (revision = "-") => revision.slice(-1);
  return workflows.map(({ name, inForce, heldBack }) =>
    `${name}: ${commitOf(inForce?.revision)}${heldBack === undefined ? "" : "!"}`
  );
}

Deno.test("a rollback holds back what it took, while all else of a later commit goes in force", async () => {
  await using world = await createRefusalWorld({ a: 1, b: 1 });
  world.commit({ a: 2, b: 1 });
  await world.look();
  world.registry().releases.rollBack("stable", { reason: "it was asked for" });
  deepEqual(await shown(world), ["a: 1!", "b: 1"]);
  world.commit({ a: 2, b: 2 });
  await world.look();
  deepEqual(await shown(world), ["a: 1!", "b: 3"]);
  world.commit({ a: 3, b: 2 });
  await world.look();
  deepEqual(await shown(world), ["a: 4", "b: 4"]);
  // Not even after the fix.
  world.commit({ a: 2, b: 2 });
  await world.look();
  deepEqual(await shown(world), ["a: 4!", "b: 5"]);
});

Deno.test("a rollback holds a branch back as a whole with gate commit, until the fix", async () => {
  await using world = await createRefusalWorld({ a: 1, b: 1 }, { gate: "commit" });
  world.commit({ a: 2, b: 1 });
  await world.look();
  world.registry().releases.rollBack("stable", { reason: "it was asked for" });
  world.commit({ a: 2, b: 2 });
  await world.look();
  deepEqual(await shown(world), ["a: 1!", "b: 1!"]);
  world.commit({ a: 3, b: 2 });
  await world.look();
  deepEqual(await shown(world), ["a: 4", "b: 4"]);
});

Deno.test("a branch that is moved back to the commit that was taken back brings the rest of it", async () => {
  await using world = await createRefusalWorld({ a: 1, b: 1 });
  world.commit({ a: 2, b: 1 });
  await world.look();
  world.registry().releases.rollBack("stable", { reason: "it was asked for" });
  world.commit({ a: 2, b: 2 });
  await world.look();
  world.reset(1);
  await world.look();
  deepEqual(await shown(world), ["a: 1!", "b: 2"]);
});

Deno.test("what is tried keeps its name while the branch stands where it was taken back, and that can be allowed", async () => {
  const canary = {
    share: { type: "percent", percent: 50 },
    soakMs: 3_600_000,
    deadlineMs: 7_200_000,
    requireReady: true,
  } as const;
  await using world = await createRefusalWorld({ a: 1, b: 1 }, { canary });
  const { releases } = world.registry();
  world.commit({ a: 2, b: 1 });
  await world.look();
  releases.rollBack("stable", { reason: "it was asked for" });
  world.commit({ a: 3, b: 1 });
  await world.look();
  world.reset(1);
  await world.look();
  const { candidate, refused: [refusal] } = await world.release();
  equal(candidate?.generation.revision.slice(-1), "3");
  const [a] = candidate?.generation.workflows ?? [];
  deepEqual([a?.inForce?.revision.slice(-1), a?.heldBack?.revision], ["3", refusal?.revision]);
  const revision = refusal?.revision ?? "";
  match(a?.heldBack?.reason ?? "", new RegExp(`koreo promote stable --revision ${revision}"$`));
  match(releases.promote("stable", { reason: "asked", revision }).message, /is allowed again/);
  await world.look();
  deepEqual(await shown(world), ["a: 2", "b: 2"]);
  equal((await world.release()).candidate, undefined);
});

/** As it was written before refusals told what of which Workflow was taken back. */
function asOfOld(record: ChannelRecord): ChannelRecord {
  const refused = record.release.refused.map(({ workflows: _, ...refusal }) => refusal);
  return { ...record, release: { ...record.release, refused } };
}

Deno.test("a record of old refuses the revision as such, until the branch moves", async () => {
  await using world = await createRefusalWorld({ a: 1, b: 1 }, { aged: asOfOld });
  world.commit({ a: 2, b: 1 });
  await world.look();
  world.registry().releases.rollBack("stable", { reason: "it was asked for" });
  await world.restart();
  await world.look();
  deepEqual((await world.release()).refused.map(({ workflows }) => workflows), [undefined]);
  const [a] = (await world.release()).current.workflows;
  equal(a?.inForce?.revision.slice(-1), "1");
  world.commit({ a: 2, b: 1, comment: 1 });
  await world.look();
  deepEqual(await shown(world), ["a: 3", "b: 3"]);
});
