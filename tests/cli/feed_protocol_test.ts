// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, throws } from "node:assert/strict";
import { createFeedLine } from "../../src/cli/feed_line.ts";
import {
  type Content,
  createContentPool,
  type SeedHead,
  seedHead,
  seedPieces,
  type ToFeedWorker,
  wholeSeed,
} from "../../src/cli/feed_protocol.ts";
import type { FeedSeed } from "../../src/controller/mod.ts";

function seed(channel: string, documents: readonly string[]): FeedSeed {
  return {
    channel,
    generation: { revision: `main@sha1:${"0".repeat(40)}`, author: "", subject: "", workflows: [] },
    programs: [{ id: `of-${channel}`, namespace: "default", documents, tests: [] }],
    documents: documents.map((id) => ({
      id,
      file: `${id}.k.yaml`,
      line: 1,
      text: id.repeat(30_000),
    })),
  };
}

const SEEDS = [seed("stable", ["a", "b", "c", "d", "e", "f"]), seed("beta", ["a", "z"])];

Deno.test("Content crosses in pieces that are quick to receive, each part once", () => {
  const pieces = [...seedPieces(SEEDS)];
  const lengths = pieces.map(({ documents }) =>
    documents.reduce((sum, { text }) => sum + text.length, 0)
  );
  equal(Math.max(...lengths) <= 160 * 1024, true, lengths.join(", "));
  equal(pieces.flatMap(({ documents }) => documents).length, 7);
});

Deno.test("Seeds are whole again on the other side", () => {
  const pool = createContentPool();
  for (const piece of seedPieces(SEEDS)) pool.add(structuredClone(piece));
  const content = pool.take();
  deepEqual(SEEDS.map(seedHead).map((head) => wholeSeed(head, content)), SEEDS);
  deepEqual(pool.take(), { programs: [], documents: [] });
});

Deno.test("A seed of which something did not arrive is none to go on from", () => {
  const [stable] = SEEDS.map(seedHead);
  if (stable === undefined) throw new RangeError("There is no seed");
  const content = whole(seedPieces(SEEDS));
  const missing = { message: /^Cannot go on with channel "stable": what is in force did not/ };
  throws(() => wholeSeed(stable, { ...content, programs: [] }), missing);
  throws(() => wholeSeed(stable, { ...content, documents: content.documents.slice(1) }), missing);
});

function whole(pieces: Iterable<Content>): Content {
  const pool = createContentPool();
  for (const piece of pieces) pool.add(piece);
  return pool.take();
}

/** What a Worker makes of what it is told. */
function receiver() {
  const pool = createContentPool();
  const heard: (readonly [string, readonly FeedSeed[]])[] = [];
  const heads: SeedHead[] = [];
  const hear = (message: ToFeedWorker): void => {
    if (message.type === "content") return pool.add(message.content);
    if (message.type === "seed") return void heads.push(message.seed);
    const content = pool.take();
    const whole = (head: Parameters<typeof wholeSeed>[0]) => wholeSeed(head, content);
    if (message.type === "run") heard.push(["run", heads.splice(0).map(whole)]);
    else if (message.type === "goBack") heard.push(["goBack", [whole(message.seed)]]);
  };
  return { hear, heard };
}

Deno.test("A rollback while a Worker begins comes after what it begins from, and both are whole", async () => {
  const { hear, heard } = receiver();
  const back = seed("beta", ["y"]);
  const line = createFeedLine(hear, () => {
    if (heard.length === 0 && !wentBack) line.goBack(back);
    wentBack = true;
    return Promise.resolve();
  });
  let wentBack = false;
  await line.begin(SEEDS);
  deepEqual(heard, [["run", SEEDS], ["goBack", [back]]]);
});

Deno.test("A Worker hears of two rollbacks in a row with each whole, and others have their turn", async () => {
  const heard: (readonly [string, readonly FeedSeed[]])[] = [];
  const turns: (() => void)[] = [];
  let pieces = 0;
  const pool = createContentPool();
  const line = createFeedLine((message) => {
    if (message.type === "content") pool.add(message.content);
    if (message.type === "content") pieces++;
    if (message.type === "goBack") heard.push(["goBack", [wholeSeed(message.seed, pool.take())]]);
  }, () => new Promise((resolve) => turns.push(resolve)));
  await line.begin([]);
  const [stable, beta] = SEEDS as [FeedSeed, FeedSeed];
  line.goBack(stable);
  equal(pieces, 1);
  line.goBack({ ...beta, refused: [] });
  line.goBack(beta);
  while (turns.length > 0) {
    turns.shift()?.();
    await new Promise((resolve) => setTimeout(resolve));
  }
  deepEqual(heard, [["goBack", [stable]], ["goBack", [beta]]]);
});
