// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { createDefinitionFeed } from "../../../src/controller/feed/definition_feed.ts";
import { createWaitingEvents, type FeedEvent } from "../../../src/controller/feed/feed_event.ts";
import type { ChannelPublication, FeedMessage } from "../../../src/controller/feed/feed_message.ts";
import type { Refusal } from "../../../src/controller/gate/refusal.ts";
import { createManualClock } from "../../../src/simulator/mod.ts";
import { makeLocalFixture } from "../../adapters/git/local_fixture.ts";
import type { Changes } from "../../contract/repository_contract.ts";
import { functionTest, valueFunction, workflow } from "../definitions.ts";
import { followFeed, inForce, publications } from "./followed_feed.ts";

const FIRST: Changes = {
  "defs/f.k.yaml": valueFunction("f", 1),
  "defs/g.k.yaml": valueFunction("g", 1),
  "defs/t.k.yaml": functionTest("good-f", "f", 1),
  "defs/a.k.yaml": workflow("a", "f", "Alpha"),
  "defs/b.k.yaml": workflow("b", "g", "Beta"),
};
const BAD: Changes = { "defs/t.k.yaml": functionTest("bad-f", "f", 1) };

function only(messages: readonly FeedMessage[]): ChannelPublication {
  const [first, ...others] = publications(messages);
  deepEqual(others, []);
  if (first === undefined) throw new TypeError("Nothing was published");
  return first;
}

Deno.test("Feed publishes a generation as plain data, then a report", async () => {
  await using fixture = await makeLocalFixture();
  const id = await fixture.commit("main", { files: FIRST });
  await using followed = followFeed(fixture);
  const messages = await followed.poll();
  deepEqual(structuredClone(messages), messages);
  deepEqual(messages.map(({ type }) => type), ["channel", "report"]);
  const { channel, generation, content, status } = only(messages);
  deepEqual([channel.name, status.head], ["stable", id]);
  deepEqual(generation.workflows.map(({ name }) => name), ["a", "b"]);
  const [program] = content.programs;
  deepEqual([program?.documents.length, program?.tests?.length], [4, 1]);
  const texts = content.documents.map(({ file, line }) => `${file}:${line}`).sort();
  deepEqual(texts, Object.keys(FIRST).map((file) => `${file}:1`).sort());
});

Deno.test("Feed brings channels that an earlier run broke down over up to date last", async () => {
  await using fixture = await makeLocalFixture();
  const id = await fixture.commit("main", { files: FIRST });
  for (const branch of ["preview/a", "preview/b"]) await fixture.setBranch(branch, id);
  await using followed = followFeed(fixture, { last: ["stable", "preview-a"] });
  const messages = await followed.poll();
  deepEqual(publications(messages).map(({ channel }) => channel.name), [
    "preview-b",
    "stable",
    "preview-a",
  ]);
});

Deno.test("Feed tells with its next report what happened beside it", async () => {
  await using fixture = await makeLocalFixture();
  await fixture.commit("main", { files: FIRST });
  const clock = createManualClock();
  const events = createWaitingEvents();
  const feed = createDefinitionFeed({
    sources: [{
      name: "defs",
      repository: fixture.open(),
      location: "here",
      directory: "defs",
      intervalMs: 30_000,
    }],
    channels: [{ name: "stable", source: "defs", branch: "main" }],
    gate: "off",
    clock,
    logger: { log: () => {} },
    runTests: () => Promise.resolve([]),
    events,
  });
  const asked = { type: "request-ended", verb: "list", status: 200, durationMs: 1 } as const;
  events.observe(asked);
  const stop = new AbortController();
  const reported = Promise.withResolvers<readonly FeedEvent[]>();
  const running = feed.run((message) => {
    if (message.type === "report") reported.resolve(message.events);
    return Promise.resolve();
  }, { seeds: () => Promise.resolve([]), signal: stop.signal }).catch(() => {});
  deepEqual((await reported.promise)[0], asked);
  stop.abort();
  await running;
});

Deno.test("Feed sends a document once, whoever uses it and however often", async () => {
  await using fixture = await makeLocalFixture();
  const first = await fixture.commit("main", { files: FIRST });
  await fixture.setBranch("preview/x", first);
  await fixture.commit("preview/x", { files: { "defs/g.k.yaml": valueFunction("g", 7) } });
  await using followed = followFeed(fixture);
  const sizes = publications(await followed.poll())
    .map(({ channel, content }) => [channel.name, content.documents.length]);
  deepEqual(sizes, [["stable", 5], ["preview-x", 1]]);
  await fixture.commit("main", { files: { "defs/f.k.yaml": `${valueFunction("f", 1)}# more\n` } });
  const next = publications(await followed.poll());
  deepEqual(next.map(({ content }) => content.documents.map(({ file }) => file)), [
    ["defs/f.k.yaml"],
    [],
  ]);
  // What the receiver was given is enough for all of it.
  for (const publication of next) equal(followed.seed(publication).documents.length, 5);
});

Deno.test("Feed tells of a status only when it is another, and of a channel that is gone", async () => {
  await using fixture = await makeLocalFixture();
  const first = await fixture.commit("main", { files: FIRST });
  await fixture.setBranch("preview/x", first);
  await using followed = followFeed(fixture);
  await followed.poll();
  await fixture.deleteBranch("preview/x");
  const [gone, report, ...others] = await followed.poll();
  deepEqual([gone, others], [{ type: "gone", channel: "preview-x" }, []]);
  equal(report?.type === "report" && report.channels.length, 1);
  deepEqual(report?.type === "report" && report.statuses, []);
});

Deno.test("Feed goes on from a seed where history alone would find less", async () => {
  await using fixture = await makeLocalFixture();
  const good = await fixture.commit("main", { files: FIRST });
  let seed;
  {
    await using before = followFeed(fixture);
    seed = before.seed(only(await before.poll()));
  }
  // History is rewritten: nothing below the head was ever good.
  const bad = await fixture.commit("main", {
    files: { ...FIRST, ...BAD, "defs/g.k.yaml": valueFunction("g", 2) },
    parents: [],
  });
  await using without = followFeed(fixture);
  deepEqual(inForce(only(await without.poll())), { a: "-!", b: `main@sha1:${bad}` });
  await using after = followFeed(fixture, { seeds: [structuredClone(seed)] });
  const published = only(await after.poll());
  deepEqual(inForce(published), { a: `main@sha1:${good}!`, b: `main@sha1:${bad}` });
  // What the seed holds is not sent again.
  deepEqual(published.content.documents.map(({ file }) => file).sort(), [
    "defs/g.k.yaml",
    "defs/t.k.yaml",
  ]);
});

/** Workflow "a" was taken back as it was published with a commit. */
function refusalOf({ generation }: ChannelPublication, commit: string): Refusal {
  const digest = generation.workflows.find(({ name }) => name === "a")?.inForce?.digest ?? null;
  const workflows = [{ name: "a", digest }];
  return { revision: `main@sha1:${commit}`, reason: "It fails", at: 1, workflows };
}

/**
 * A feed that has published {@linkcode FIRST}, and a commit that changes what Workflow "a" runs; with
 * what tells it that the second one was taken back.
 */
async function followTwoCommits(fixture: Awaited<ReturnType<typeof makeLocalFixture>>) {
  const first = await fixture.commit("main", { files: FIRST });
  const followed = followFeed(fixture);
  const firstSeed = followed.seed(only(await followed.poll()));
  const second = await fixture.commit("main", {
    files: { "defs/f.k.yaml": valueFunction("f", 2) },
  });
  const refusal = refusalOf(only(await followed.poll()), second);
  const back = { ...firstSeed, refused: [refusal] };
  return { ...followed, first, second, firstSeed, back };
}

Deno.test("Feed tells the head that it goes on from while the branch cannot be seen", async () => {
  await using fixture = await makeLocalFixture();
  const id = await fixture.commit("main", { files: FIRST });
  await using first = followFeed(fixture);
  const seed = first.seed(only(await first.poll()));
  await fixture.commit("other", { files: FIRST });
  await fixture.deleteBranch("main");
  await using second = followFeed(fixture, { seeds: [seed] });
  const heads = (await second.poll()).flatMap((message) =>
    message.type === "report" ? message.statuses.map(({ name, head }) => [name, head]) : []
  );
  deepEqual(heads, [["stable", id]]);
});

Deno.test("Feed does not offer a revision that was taken back as such until the heads move", async () => {
  await using fixture = await makeLocalFixture();
  const first = await fixture.commit("main", { files: FIRST });
  await using followed = followFeed(fixture);
  const seed = followed.seed(only(await followed.poll()));
  const refused = await fixture.commit("main", {
    files: { "defs/f.k.yaml": valueFunction("f", 2), "defs/g.k.yaml": valueFunction("g", 2) },
  });
  await followed.poll();
  const refusal = { revision: `main@sha1:${refused}`, reason: "It fails", at: 1 };
  followed.feed.goBack({ ...seed, refused: [refusal] });
  deepEqual(publications(await followed.poll()), []);
  deepEqual(publications(await followed.poll()), []);
  const next = await fixture.commit("main", { files: BAD });
  // Workflow "a" is held back: it keeps what is in force since the rollback.
  deepEqual(inForce(only(await followed.poll())), {
    a: `main@sha1:${first}!`,
    b: `main@sha1:${next}`,
  });
});

Deno.test("Feed holds back what was taken back, from the commit on and in later ones, until it changes", async () => {
  await using fixture = await makeLocalFixture();
  await using followed = await followTwoCommits(fixture);
  followed.feed.goBack(followed.back);
  const kept = `main@sha1:${followed.first}!`;
  // Nobody is told that anything runs from the commit that was taken back.
  deepEqual(inForce(only(await followed.poll())), { a: kept, b: `main@sha1:${followed.first}` });
  // It is decided once, not with every look.
  deepEqual(publications(await followed.poll()), []);
  const readme = await fixture.commit("main", { files: { "README.md": "More to read" } });
  deepEqual(inForce(only(await followed.poll())), { a: kept, b: `main@sha1:${readme}` });
  const mended = await fixture.commit("main", {
    files: { "defs/f.k.yaml": valueFunction("f", 3) },
  });
  const mark = `main@sha1:${mended}`;
  deepEqual(inForce(only(await followed.poll())), { a: mark, b: mark });
});

Deno.test("Feed hears of what was taken back while it asks where to begin", async () => {
  await using fixture = await makeLocalFixture();
  await using before = await followTwoCommits(fixture);
  await using followed = followFeed(fixture, { seeds: [before.firstSeed] });
  followed.feed.goBack(before.back);
  deepEqual(inForce(only(await followed.poll())), {
    a: `main@sha1:${before.first}!`,
    b: `main@sha1:${before.first}`,
  });
});

Deno.test("Feed decides the same head anew when what was taken back is allowed again", async () => {
  await using fixture = await makeLocalFixture();
  await using followed = await followTwoCommits(fixture);
  followed.feed.goBack(followed.back);
  await followed.poll();
  followed.feed.goBack({ ...followed.firstSeed, refused: [] });
  const mark = `main@sha1:${followed.second}`;
  deepEqual(inForce(only(await followed.poll())), { a: mark, b: mark });
});

Deno.test("Feed decides anew what it had decided from what was taken back meanwhile", async () => {
  await using fixture = await makeLocalFixture();
  await using followed = await followTwoCommits(fixture);
  const next = await fixture.commit("main", { files: BAD });
  deepEqual(inForce(only(await followed.poll())), {
    a: `main@sha1:${followed.second}!`,
    b: `main@sha1:${next}`,
  });
  followed.feed.goBack(followed.back);
  deepEqual(inForce(only(await followed.poll())), {
    a: `main@sha1:${followed.first}!`,
    b: `main@sha1:${next}`,
  });
});
