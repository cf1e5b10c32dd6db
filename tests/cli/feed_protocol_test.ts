// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import {
  contentOf,
  createContentPool,
  piecesOf,
  seedHead,
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
  const pieces = [...piecesOf(contentOf(SEEDS))];
  const lengths = pieces.map(({ documents }) =>
    documents.reduce((sum, { text }) => sum + text.length, 0)
  );
  equal(Math.max(...lengths) <= 160 * 1024, true, lengths.join(", "));
  equal(pieces.flatMap(({ documents }) => documents).length, 7);
});

Deno.test("Seeds are whole again on the other side", () => {
  const pool = createContentPool();
  for (const piece of piecesOf(contentOf(SEEDS))) pool.add(structuredClone(piece));
  const content = pool.take();
  deepEqual(SEEDS.map(seedHead).map((head) => wholeSeed(head, content)), SEEDS);
  deepEqual(pool.take(), { programs: [], documents: [] });
});
