// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { createChannelContents } from "../../../src/controller/channels/channel_content.ts";
import { createSourceReader } from "../../../src/controller/channels/source_reader.ts";
import { createChannelLoader } from "../../../src/controller/feed/load_revision.ts";
import { createMemoryRepository } from "../channels/memory_repository.ts";
import { valueFunction, workflow } from "../definitions.ts";

const options = { signal: new AbortController().signal };
const namespace = "default";

/** A commit with many definitions that has been read: what is left is to compile it. */
async function manyDefinitions() {
  const repository = createMemoryRepository();
  const texts = Array.from({ length: 200 }, (_none, index) => valueFunction(`f${index}`, index));
  const commit = repository.write({
    "a.k.yaml": texts.join("---\n"),
    "w.k.yaml": workflow("w", "gone", "Kind"),
  });
  const reader = createSourceReader({ repository, directory: "", namespace });
  const contents = createChannelContents(reader, repository);
  const layers = [{ branch: "main", commit }];
  await contents.of(layers, options);
  return { contents, layers };
}

Deno.test("Others have their turn while a large commit is compiled", async () => {
  const { contents, layers } = await manyDefinitions();
  let [now, turns] = [0, 0];
  const pace = {
    clock: { now: () => now++ },
    yieldNow: () => Promise.resolve(void turns++),
  };
  const paced = await createChannelLoader({ contents, namespace, pace }).load(layers, options);
  equal(paced.program.definitions.length, 201);
  ok(turns > 40, `${turns} turns`);
  const atOnce = await createChannelLoader({ contents, namespace }).load(layers, options);
  equal(paced.program.digest, atOnce.program.digest);
  deepEqual(paced.diagnostics, atOnce.diagnostics);
  const late = { signal: AbortSignal.abort("late") };
  const loader = createChannelLoader({ contents, namespace, pace });
  await rejects(loader.load(layers, late), (reason) => reason === "late");
});
