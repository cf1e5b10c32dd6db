// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, notEqual } from "node:assert/strict";
import type { ChannelSettings } from "../../../src/controller/channels/channel_settings.ts";
import { createDefinitionFeed } from "../../../src/controller/feed/definition_feed.ts";
import type { ChannelPublication } from "../../../src/controller/feed/feed_message.ts";
import type { FeedSeed } from "../../../src/controller/publication/publication.ts";
import { createManualClock } from "../../../src/simulator/mod.ts";
import { createMemoryRepository, type MemoryRepository } from "../channels/memory_repository.ts";
import { valueFunction, workflow } from "../definitions.ts";

const FILES = {
  "a.k.yaml": workflow("a", "f", "Alpha"),
  "platform.k.yaml": `${valueFunction("f", 1)}`.replace(
    "name: f",
    "name: f\n  namespace: platform",
  ),
  "team.k.yaml": `${valueFunction("f", 2)}`.replace("name: f", "name: f\n  namespace: team"),
};
const PLATFORM_FIRST = { priority: ["default", "platform", "team"] };
const TEAM_FIRST = { priority: ["default", "team", "platform"] };

/** Follows the head once under some settings; gives what it published. */
async function publishedUnder(
  repository: MemoryRepository,
  settings: Partial<ChannelSettings>,
  seeds: readonly FeedSeed[] = [],
): Promise<readonly ChannelPublication[]> {
  const feed = createDefinitionFeed({
    sources: [{ name: "s", repository, location: "memory", directory: "", intervalMs: 3_600_000 }],
    channels: [{ name: "stable", source: "s", branch: "main", ...settings }],
    gate: "workflow",
    clock: createManualClock(),
    logger: { log: () => {} },
    runTests: () => Promise.resolve([]),
  });
  const stop = new AbortController();
  const published: ChannelPublication[] = [];
  await feed.run((message) => {
    if (message.type === "channel") published.push(message);
    if (message.type === "report" && message.wereAllTried) stop.abort("done");
    return Promise.resolve();
  }, { seeds: () => Promise.resolve(seeds), signal: stop.signal }).catch((reason) =>
    equal(reason, "done")
  );
  return published;
}

function seedOf([publication]: readonly ChannelPublication[]): FeedSeed {
  if (publication === undefined) throw new RangeError("Nothing was published");
  const { channel: { name: channel }, generation, content } = publication;
  return structuredClone({ channel, generation, ...content });
}

function shown([publication]: readonly ChannelPublication[]) {
  return publication?.generation.workflows.map(({ name, inForce, heldBack }) => ({
    name,
    revision: inForce?.revision,
    digest: inForce?.digest,
    program: inForce?.program,
    isHeldBack: heldBack !== undefined,
  }))[0];
}

Deno.test("Another priority is in force although no branch has moved", async () => {
  const repository = createMemoryRepository();
  const head = repository.write(FILES);
  const before = await publishedUnder(repository, PLATFORM_FIRST);
  const after = await publishedUnder(repository, TEAM_FIRST, [seedOf(before)]);
  equal(shown(after)?.revision, `main@sha1:${head}`);
  notEqual(shown(after)?.digest, shown(before)?.digest);
  // As if there had never been another one.
  deepEqual(shown(after), shown(await publishedUnder(repository, TEAM_FIRST)));
});

Deno.test("What another priority breaks stays in force under the one that it was good with", async () => {
  const repository = createMemoryRepository();
  repository.write(FILES);
  const before = await publishedUnder(repository, PLATFORM_FIRST);
  const after = await publishedUnder(repository, { priority: ["default"] }, [seedOf(before)]);
  deepEqual(shown(after), { ...shown(before), isHeldBack: true });
  const [program] = seedOf(before).programs;
  // The Program brings its own priority along.
  deepEqual(program?.priority, PLATFORM_FIRST.priority);
});
