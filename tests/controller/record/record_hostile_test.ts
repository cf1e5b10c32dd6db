// SPDX-License-Identifier: Apache-2.0

import { equal, ok } from "node:assert/strict";
import { RecordFault } from "../../../src/controller/record/record_check.ts";
import { createRecordReader, recordSections } from "../../../src/controller/record/record_text.ts";
import { createReleaseRegistry } from "../../../src/controller/registry/release_registry.ts";
import type { ChannelRecord } from "../../../src/controller/release/release.ts";
import { isJsonObject, type JsonValue } from "../../../src/language/mod.ts";
import { createManualClock, createSeededRandom } from "../../../src/simulator/mod.ts";
import { createScriptedFeed } from "../feed/scripted_feed.ts";
import { CANARY } from "../release/canary_world.ts";
import { sampleRecord } from "./records.ts";

/** What may stand anywhere where somebody has written a record by hand. */
const VALUES: readonly JsonValue[] = [null, 7, -1, "", "x", "__proto__", true, [], {}, [null], [7]];

/** A value with another one in place of each of its parts in turn. */
function* variants(value: JsonValue): Generator<JsonValue> {
  yield* VALUES;
  if (Array.isArray(value)) {
    for (const [index, part] of value.entries()) {
      for (const other of variants(part)) yield value.with(index, other);
    }
  } else if (isJsonObject(value)) {
    for (const [key, part] of Object.entries(value)) {
      const { [key]: _, ...rest } = value;
      yield rest;
      for (const other of variants(part as JsonValue)) yield { ...value, [key]: other };
    }
  }
}

function parse(lines: readonly string[]): ChannelRecord | undefined {
  try {
    const reader = createRecordReader("stable");
    reader.add(`${lines.join("\n")}\n`);
    return reader.end();
  } catch (error) {
    if (error instanceof RecordFault) return undefined;
    throw error;
  }
}

/** Starts from a record and does everything that there is to do with a release. */
async function startFrom(record: ChannelRecord): Promise<void> {
  const clock = createManualClock();
  const stop = new AbortController();
  const done = () => Promise.resolve();
  const registry = createReleaseRegistry({
    feed: createScriptedFeed(),
    channels: [{ name: "stable", source: "s", branch: "main", canary: CANARY }],
    records: { load: () => Promise.resolve([record]), save: done, remove: done },
    clock,
    random: createSeededRandom(1),
    yieldNow: done,
    logger: { log: () => {} },
  });
  const running = registry.run({ signal: stop.signal }).catch((reason) => reason);
  await registry.ready;
  await clock.advance(0);
  registry.releases.canaries();
  for (let step = 0; step < 2; step++) registry.releases.rollBack("stable", { reason: "test" });
  ok(registry.status().channels.length > 0);
  stop.abort("done");
  await clock.advance(5_000);
  equal(await running, "done");
}

Deno.test("Whatever stands in a record, it is a fault or can be gone on from", async () => {
  const whole = sampleRecord("stable", { files: 2 });
  const { current } = whole.release;
  const candidate = { generation: current, startedAt: 1, baseline: { failed: [], unready: [] } };
  const allowed = [{ name: "web", digest: "x" }];
  const workflows = [...allowed, { name: "db", digest: null }];
  const takenBack = { revision: "main@1", reason: "It failed", at: 1 };
  const refused = [{ ...takenBack, workflows }, { ...takenBack, revision: "main@0" }];
  const heldBack = { revision: "main@2", author: "A", subject: "S", reason: "R", takenBack };
  const held = { ...current, workflows: current.workflows.map((one) => ({ ...one, heldBack })) };
  const release = { current: held, candidate, previous: current, refused, allowed };
  const lines = recordSections({ ...whole, release }).map((section) => section.text()).join("")
    .trimEnd().split("\n");
  let usable = 0;
  for (const [index, line] of lines.entries()) {
    for (const variant of variants(JSON.parse(line))) {
      const record = parse(lines.with(index, JSON.stringify(variant)));
      if (record === undefined) continue;
      usable++;
      await startFrom(record);
    }
  }
  ok(usable > 20, `${usable} could be used`);
});
