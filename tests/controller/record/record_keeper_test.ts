// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import {
  createRecordKeeper,
  type RecordKeeper,
} from "../../../src/controller/registry/record_keeper.ts";
import type { ChannelRecord, RecordStore } from "../../../src/controller/release/release.ts";
import { createRecordWorld, type RecordWorld, sampleRecord } from "./records.ts";

const NO_SIGNAL = { signal: new AbortController().signal };

interface Kept {
  readonly world: RecordWorld;
  readonly keeper: RecordKeeper;
  readonly stop: AbortController;
  readonly running: Promise<void>;
  /** Whether something is being written. */
  isBusy(): boolean;
  set(revision: number): void;
}

function startKeeper(wrap: (store: RecordStore) => RecordStore = (store) => store): Kept {
  const world = createRecordWorld();
  let record: ChannelRecord | undefined;
  let writing = 0;
  const store = wrap(world.open());
  const keeper = createRecordKeeper({
    records: {
      ...store,
      async save(record, to) {
        writing++;
        await store.save(record, to).finally(() => writing--);
      },
    },
    recordOf: () => record,
    clock: world.clock,
    logger: { log: (entry) => void world.logs.push(entry) },
  });
  const stop = new AbortController();
  const running = keeper.run({ signal: stop.signal });
  running.catch(() => {}); // for those who wait for it
  const set = (revision: number): void => {
    record = sampleRecord("stable", { revision });
    keeper.changed("stable");
  };
  return { world, keeper, stop, running, isBusy: () => writing > 0, set };
}

/** Time passes step by step; what is begun in one comes to its end in it, compression included. */
async function pass(kept: Kept, ms: number): Promise<void> {
  const { clock } = kept.world;
  for (let left = ms; left > 0; left -= 100) {
    await clock.advance(Math.min(left, 100));
    do await turns(kept); while (kept.isBusy());
  }
}

async function turns({ world: { clock } }: Kept): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await clock.advance(0);
}

async function recorded({ world }: Kept): Promise<readonly string[]> {
  const records = await world.open().load(NO_SIGNAL);
  return records.map(({ release }) => String(Number(release.current.revision.slice(-5))));
}

Deno.test("what was changed is known to be written when a restart would find it, and waited for it is so at once", async () => {
  const kept = startKeeper();
  await kept.keeper.written("stable", NO_SIGNAL);
  kept.set(1);
  await pass(kept, 100);
  kept.set(2);
  await pass(kept, 100);
  deepEqual(await recorded(kept), ["1"]);
  let isWritten = false;
  const written = kept.keeper.written("stable", NO_SIGNAL).then(() => isWritten = true);
  equal(isWritten, false);
  await pass(kept, 100);
  await written;
  deepEqual(await recorded(kept), ["2"]);
  kept.set(3);
  await kept.keeper.written("stable", { signal: AbortSignal.abort("enough") });
  kept.stop.abort(new DOMException("stop", "AbortError"));
  await rejects(kept.running, { message: "stop" });
});

Deno.test("what somebody waits for is written before what changed earlier", async () => {
  const saved: string[] = [];
  const busy = Promise.withResolvers<void>();
  const { clock } = createRecordWorld();
  const keeper = createRecordKeeper({
    records: {
      load: () => Promise.resolve([]),
      async save({ channel }) {
        saved.push(channel);
        await busy.promise;
      },
      remove: () => Promise.resolve(),
    },
    recordOf: (channel) => sampleRecord(channel),
    clock,
    logger: { log: () => {} },
  });
  for (const channel of ["a", "b", "c"]) keeper.changed(channel);
  const stop = new AbortController();
  const running = keeper.run({ signal: stop.signal });
  running.catch(() => {}); // for those who wait for it
  for (const channel of ["d", "c"]) keeper.changed(channel);
  const written = ["d", "c"].map((channel) => keeper.written(channel, NO_SIGNAL));
  busy.resolve();
  await Promise.all(written);
  deepEqual(saved.slice(0, 3), ["a", "d", "c"]);
  stop.abort(new DOMException("stop", "AbortError"));
  await rejects(running, { message: "stop" });
  deepEqual(saved, ["a", "d", "c", "b"]);
});

Deno.test("what changes is written at once, and what follows within a second once", async () => {
  let saves = 0;
  const kept = startKeeper((store) => ({
    ...store,
    save(record, to) {
      saves++;
      return store.save(record, to);
    },
  }));
  kept.set(1);
  await pass(kept, 900);
  deepEqual(await recorded(kept), ["1"]);
  for (const revision of [2, 3, 4]) kept.set(revision);
  deepEqual(await recorded(kept), ["1"]);
  await pass(kept, 1_100);
  deepEqual(await recorded(kept), ["4"]);
  equal(saves, 2);
  kept.stop.abort(new DOMException("stop", "AbortError"));
  await rejects(kept.running, { message: "stop" });
});

Deno.test("what was not written at the end of the process is written then", async () => {
  const kept = startKeeper();
  kept.set(1);
  await pass(kept, 100);
  kept.set(2);
  kept.stop.abort(new DOMException("stop", "AbortError"));
  await rejects(kept.running, { message: "stop" });
  deepEqual(await recorded(kept), ["2"]);
});

Deno.test("a change that comes while the one before is written is written too", async () => {
  const kept = startKeeper((store) => ({
    ...store,
    async save(record, to) {
      if (record.release.current.revision.endsWith("1")) kept.set(2);
      await store.save(record, to);
    },
  }));
  kept.set(1);
  await pass(kept, 2_500);
  deepEqual(await recorded(kept), ["2"]);
  kept.stop.abort();
  await rejects(kept.running);
});

Deno.test("the end of the process waits three seconds for a cluster that does not answer", async () => {
  const kept = startKeeper();
  const effect = { type: "timeout", afterMs: 3_600_000 } as const;
  kept.world.simulator.faults.inject({ times: Infinity, effect });
  kept.set(1);
  await turns(kept);
  kept.stop.abort(new DOMException("stop", "AbortError"));
  await kept.world.clock.advance(3_100);
  await turns(kept);
  await rejects(kept.running, { message: "stop" });
});
