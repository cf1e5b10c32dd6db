// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { createDefinitionFeed } from "../../../src/controller/feed/definition_feed.ts";
import type { FeedSeed } from "../../../src/controller/publication/publication.ts";
import type { FeedMessage } from "../../../src/controller/feed/feed_message.ts";
import { type CommitId, UnverifiedError } from "../../../src/runtime/ports.ts";
import { createManualClock } from "../../../src/simulator/mod.ts";
import { createMemoryRepository, type MemoryRepository } from "../channels/memory_repository.ts";
import { siteDefinitions } from "../site_definitions.ts";

/** A repository of which some commits are signed, and all must be. */
function signedRepository(repository: MemoryRepository, signed: ReadonlySet<CommitId>) {
  const { signal } = new AbortController();
  const parentOf = async (id: CommitId) => (await repository.commit(id, { signal })).parents[0];
  const lineOf = async (id: CommitId): Promise<readonly CommitId[]> => {
    const parent = await parentOf(id);
    return parent === undefined ? [id] : [id, ...await lineOf(parent)];
  };
  return {
    ...repository,
    async resolve(revision: string) {
      const commit = await repository.resolve(revision, { signal }) ?? revision;
      if (signed.has(commit)) return commit;
      const good = (await lineOf(commit)).find((id) => signed.has(id));
      throw new UnverifiedError(`${commit} is not signed`, commit, good);
    },
    async mergeBases(one: CommitId, other: CommitId) {
      const line = await lineOf(other);
      return (await lineOf(one)).filter((id) => line.includes(id)).slice(0, 1);
    },
  };
}

/** Follows from a seed until everything was tried once; gives what it told. */
async function follow(
  repository: ReturnType<typeof signedRepository>,
  seeds: readonly FeedSeed[],
): Promise<readonly FeedMessage[]> {
  const feed = createDefinitionFeed({
    sources: [{ name: "s", repository, location: "memory", directory: "", intervalMs: 3_600_000 }],
    channels: [{ name: "stable", source: "s", branch: "main" }],
    gate: "workflow",
    clock: createManualClock(),
    logger: { log: () => {} },
    runTests: () => Promise.resolve([]),
  });
  const stop = new AbortController();
  const messages: FeedMessage[] = [];
  const receive = (message: FeedMessage) => {
    messages.push(message);
    if (message.type === "report" && message.wereAllTried) stop.abort(new RangeError("done"));
    return Promise.resolve();
  };
  const beginning = { seeds: () => Promise.resolve(seeds), signal: stop.signal };
  await feed.run(receive, beginning).catch((error) => {
    if (!stop.signal.aborted) throw error;
  });
  return messages;
}

function revisionsIn(messages: readonly FeedMessage[]): readonly string[] {
  return messages.flatMap((one) => one.type === "channel" ? [one.generation.revision] : []);
}

Deno.test("a force-push below an unsigned commit leads a restart back to no older one", async () => {
  const memory = createMemoryRepository();
  const files = (version: string) => ({ "all.k.yaml": siteDefinitions({ version }) });
  const older = memory.write(files("1"));
  const newer = memory.write(files("2"));
  const repository = signedRepository(memory, new Set([older, newer]));
  const [published] = (await follow(repository, [])).filter(({ type }) => type === "channel");
  if (published?.type !== "channel") throw new RangeError("Nothing was published");
  const { generation, content } = published;
  equal(generation.revision, `main@sha1:${newer}`);
  memory.reset(older);
  memory.write(files("3"));
  const seed = { channel: "stable", generation, ...content };
  const restarted = await follow(repository, [seed]);
  equal(revisionsIn(restarted).some((revision) => revision.includes(older)), false);
  const report = restarted.find(({ type }) => type === "report");
  equal(report?.type === "report" && report.lastError?.code, "unverified");
  // Without a seed nobody knows of the newer one.
  const fresh = await follow(repository, []);
  equal(revisionsIn(fresh).join(), `main@sha1:${older}`);
});

Deno.test("what ran before commits had to be signed runs on until a signed one comes", async () => {
  const memory = createMemoryRepository();
  const files = (version: string) => ({ "all.k.yaml": siteDefinitions({ version }) });
  const unsigned = memory.write(files("1"));
  const everything = signedRepository(memory, new Set([unsigned]));
  const [published] = await follow(everything, []);
  if (published?.type !== "channel") throw new RangeError("Nothing was published");
  const { generation, content } = published;
  const seed = { channel: "stable", generation, ...content };
  memory.write(files("2"));
  const signed = new Set<CommitId>();
  const repository = signedRepository(memory, signed);
  // The head is newer, and unsigned as well.
  const held = await follow(repository, [seed]);
  equal(revisionsIn(held).every((revision) => revision === `main@sha1:${unsigned}`), true);
  const report = held.find(({ type }) => type === "report");
  equal(report?.type === "report" && report.lastError?.code, "unverified");
  const good = memory.write(files("3"));
  signed.add(good);
  equal(revisionsIn(await follow(repository, [seed])).join(), `main@sha1:${good}`);
  // Nothing unsigned runs where nothing ran before.
  signed.clear();
  equal(revisionsIn(await follow(repository, [])).join(), "");
});
