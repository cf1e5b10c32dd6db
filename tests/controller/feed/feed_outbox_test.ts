// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { createDefinitionFeed } from "../../../src/controller/feed/definition_feed.ts";
import type { FeedMessage } from "../../../src/controller/feed/feed_message.ts";
import type { FeedSeed } from "../../../src/controller/publication/publication.ts";
import { createManualClock } from "../../../src/simulator/mod.ts";
import { createBranchedRepository } from "../channels/branched_repository.ts";
import { valueFunction, workflow } from "../definitions.ts";

/** A feed of `main` and of `preview/*`, and a receiver that takes what it is told when it likes. */
interface SlowReceiver extends AsyncDisposable {
  /** Gives a branch a commit with this version of its Function. */
  commit(branch: string, version: number): void;
  deleteBranch(branch: string): void;
  /** Has the branches looked at; nothing that is told is taken. */
  look(): Promise<void>;
  /** Nothing of what follows from it has happened yet. */
  goBack(seed: FeedSeed): void;
  /** Takes what is told now, and all that follows from it, up to the last report. */
  takeAll(): Promise<readonly FeedMessage[]>;
}

function followSlowly(): SlowReceiver {
  const branches = createBranchedRepository();
  const clock = createManualClock();
  const feed = createDefinitionFeed({
    sources: [{
      name: "defs",
      repository: branches.repository,
      location: "memory",
      directory: "",
      intervalMs: 36_000_000,
    }],
    channels: [
      { name: "stable", source: "defs", branch: "main" },
      { name: "preview", source: "defs", branch: "preview/*" },
    ],
    gate: "workflow",
    clock,
    logger: { log: () => {} },
    runTests: () => Promise.resolve([]),
  });
  const told: FeedMessage[] = [];
  const waiting: (() => void)[] = [];
  const stop = new AbortController();
  const running = feed.run((message) => {
    told.push(message);
    return new Promise((resolve) => waiting.push(resolve));
  }, { seeds: () => Promise.resolve([]), signal: stop.signal }).catch(() => {});
  const settle = async () => {
    for (let turn = 0; turn < 8; turn++) await clock.advance(1);
  };
  return {
    commit(branch, version) {
      branches.commit(branch, {
        "f.k.yaml": valueFunction("f", version),
        "a.k.yaml": workflow("a", "f", "Alpha"),
      });
    },
    deleteBranch: branches.deleteBranch,
    async look() {
      feed.wake();
      await settle();
    },
    goBack: (seed) => feed.goBack(seed),
    async takeAll() {
      while (waiting.length > 0) {
        waiting.shift()?.();
        await settle();
      }
      return told.splice(0);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      for (const resolve of waiting) resolve();
      await running;
    },
  };
}

/** What a receiver that was told this would have the gate go back to. */
function seedOf(messages: readonly FeedMessage[], channel: string): FeedSeed {
  for (const message of messages) {
    if (message.type !== "channel" || message.channel.name !== channel) continue;
    return { channel, generation: message.generation, ...message.content };
  }
  throw new TypeError(`Nothing of "${channel}" was published`);
}

/** `channel: head, what runs` of each publication, in order. */
function shown(messages: readonly FeedMessage[]): readonly string[] {
  const numberOf = (revision = "-") => revision.slice(-1);
  return messages.flatMap((message) => {
    if (message.type === "report") return [];
    if (message.type === "gone") return [`${message.channel}: gone`];
    const { channel, generation: { revision, workflows } } = message;
    const running = workflows.map(({ inForce, heldBack }) =>
      `${numberOf(inForce?.revision)}${heldBack === undefined ? "" : "!"}`
    );
    return [`${channel.name}: at ${numberOf(revision)} runs ${running.join()}`];
  });
}

Deno.test("Feed does not tell that a commit runs as what was gone back to, before it is decided anew", async () => {
  await using feed = followSlowly();
  feed.commit("main", 1);
  feed.commit("preview/x", 5);
  await feed.look();
  const first = await feed.takeAll();
  deepEqual(shown(first), ["stable: at 1 runs 1", "preview-x: at 2 runs 2"]);
  feed.commit("main", 2);
  feed.commit("preview/x", 6);
  // The receiver is busy with the first channel while the second one is taken back.
  await feed.look();
  feed.goBack(seedOf(first, "preview-x"));
  deepEqual(shown(await feed.takeAll()), ["stable: at 3 runs 3", "preview-x: at 4 runs 4"]);
});

Deno.test("Feed sends all of a channel that comes back, although it was taken back after its end", async () => {
  await using feed = followSlowly();
  feed.commit("main", 1);
  feed.commit("preview/x", 5);
  await feed.look();
  const first = await feed.takeAll();
  feed.deleteBranch("preview/x");
  await feed.look();
  deepEqual(shown(await feed.takeAll()), ["preview-x: gone"]);
  // It was asked for before the receiver had heard of the end.
  feed.goBack(seedOf(first, "preview-x"));
  feed.commit("preview/x", 5);
  await feed.look();
  const again = await feed.takeAll();
  deepEqual(shown(again), ["preview-x: at 3 runs 3"]);
  const { programs, documents } = seedOf(again, "preview-x");
  // The other document is that of the channel "stable" too.
  deepEqual([programs.length, documents.map(({ file }) => file)], [1, ["f.k.yaml"]]);
});

Deno.test("Feed tells the end of a channel that is taken back before that was told", async () => {
  await using feed = followSlowly();
  feed.commit("main", 1);
  feed.commit("preview/x", 5);
  await feed.look();
  const first = await feed.takeAll();
  feed.commit("main", 2);
  await feed.look();
  feed.deleteBranch("preview/x");
  await feed.look();
  feed.goBack(seedOf(first, "preview-x"));
  deepEqual(shown(await feed.takeAll()), ["stable: at 3 runs 3", "preview-x: gone"]);
});
