// SPDX-License-Identifier: Apache-2.0

import { createDefinitionFeed } from "../../../src/controller/feed/definition_feed.ts";
import type {
  FeedSeed,
  PublishedDocument,
  PublishedProgram,
} from "../../../src/controller/publication/publication.ts";
import type {
  ChannelPublication,
  DefinitionFeed,
  FeedMessage,
} from "../../../src/controller/feed/feed_message.ts";
import type { ChannelSettings } from "../../../src/controller/channels/channel_settings.ts";
import type { RepositoryFixture } from "../../contract/repository_contract.ts";
import { createManualClock, type ManualClock } from "../../../src/simulator/manual_clock.ts";

/** A feed that follows a repository, and what it has told. */
export interface FollowedFeed extends AsyncDisposable {
  readonly feed: DefinitionFeed;
  readonly clock: ManualClock;
  /** Polls, and gives all that was told since, up to the report of that attempt. */
  poll(): Promise<readonly FeedMessage[]>;
  /** What a receiver would seed another run with. */
  seed(publication: ChannelPublication): FeedSeed;
  /** Tests that were run since the last look. */
  takeTested(): readonly string[];
}

const CHANNELS: readonly ChannelSettings[] = [
  { name: "stable", source: "defs", branch: "main" },
  { name: "preview", source: "defs", branch: "preview/*", over: "stable" },
];

/** Starts one; FunctionTests named `bad…` fail. */
export function followFeed(
  fixture: RepositoryFixture,
  { seeds = [], last = [] }: {
    readonly seeds?: readonly FeedSeed[];
    readonly last?: readonly string[];
  } = {},
): FollowedFeed {
  const clock = createManualClock();
  const tested: string[] = [];
  const feed = createDefinitionFeed({
    sources: [{
      name: "defs",
      repository: fixture.open(),
      location: "https://git.example.com/defs.git",
      directory: "defs",
      intervalMs: 30_000,
    }],
    channels: CHANNELS,
    last,
    gate: "workflow",
    clock,
    logger: { log: () => {} },
    runTests: (_program, tests) => {
      tested.push(...tests.map(({ id }) => id.name));
      return Promise.resolve(tests.map(({ id }) => ({
        namespace: id.namespace,
        name: id.name,
        passed: !id.name.startsWith("bad"),
      })));
    },
  });
  const stop = new AbortController();
  const held = createReceiver();
  let told: FeedMessage[] = [];
  let reported = Promise.withResolvers<void>();
  let isFirst = true;
  for (const seed of seeds) held.add(seed);
  const running = feed.run((message) => {
    told.push(message);
    if (message.type === "channel") held.add(message.content);
    if (message.type === "report") reported.resolve();
    return Promise.resolve();
  }, { seeds: () => Promise.resolve(seeds), signal: stop.signal }).catch(() => {});
  return {
    feed,
    clock,
    async poll() {
      if (!isFirst) feed.wake();
      isFirst = false;
      await reported.promise;
      reported = Promise.withResolvers();
      const taken = told;
      told = [];
      return taken;
    },
    seed: ({ channel: { name }, generation }) => ({
      channel: name,
      generation,
      ...held.contentOf(generation.workflows.flatMap(({ inForce }) => inForce?.program ?? [])),
    }),
    takeTested: () => tested.splice(0),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

/** Keeps all that was ever published, and fails when something was left out. */
function createReceiver() {
  const programs = new Map<string, PublishedProgram>();
  const documents = new Map<string, PublishedDocument>();
  const find = <T>(from: ReadonlyMap<string, T>, id: string): T => {
    const found = from.get(id);
    if (found === undefined) throw new TypeError(`"${id}" was not published`);
    return found;
  };
  return {
    add(content: Pick<FeedSeed, "programs" | "documents">): void {
      for (const program of content.programs) programs.set(program.id, program);
      for (const document of content.documents) documents.set(document.id, document);
    },
    contentOf(ids: readonly string[]): Pick<FeedSeed, "programs" | "documents"> {
      const own = [...new Set(ids)].map((id) => find(programs, id));
      const used = new Set(own.flatMap(({ documents, tests = [] }) => [...documents, ...tests]));
      return { programs: own, documents: [...used].map((id) => find(documents, id)) };
    },
  };
}

/** The publications among messages. */
export function publications(messages: readonly FeedMessage[]): readonly ChannelPublication[] {
  return messages.flatMap((message) => message.type === "channel" ? [message] : []);
}

/** `name: commit` of each Workflow in force, with `!` where a newer revision is held back. */
export function inForce({ generation }: ChannelPublication): Readonly<Record<string, string>> {
  return Object.fromEntries(generation.workflows.map(({ name, inForce, heldBack }) => [
    name,
    `${inForce?.revision ?? "-"}${heldBack === undefined ? "" : "!"}`,
  ]));
}
