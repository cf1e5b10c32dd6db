// SPDX-License-Identifier: Apache-2.0

import { createDefinitionFeed } from "../../../src/controller/feed/definition_feed.ts";
import { type DefinitionFeed, FeedError } from "../../../src/controller/feed/feed_message.ts";
import type {
  CanarySettings,
  ChannelSettings,
} from "../../../src/controller/channels/channel_settings.ts";
import type { GateMode } from "../../../src/controller/gate/gate.ts";
import type { RunTests } from "../../../src/controller/gate/gate_faults.ts";
import type { FeedSeed } from "../../../src/controller/publication/publication.ts";
import { createRecordReader, recordSections } from "../../../src/controller/record/record_text.ts";
import {
  createReleaseRegistry,
  type ReleaseRegistry,
} from "../../../src/controller/registry/release_registry.ts";
import type { ChannelRecord, RecordStore } from "../../../src/controller/release/release.ts";
import { createManualClock, createSeededRandom } from "../../../src/simulator/mod.ts";
import {
  type BranchedRepository,
  createBranchedRepository,
} from "../channels/branched_repository.ts";

/** The real feed and registry with a line between them on which everything takes its time. */
export interface RaceWorld extends AsyncDisposable {
  readonly branches: BranchedRepository;
  readonly registry: () => ReleaseRegistry;
  /** What was told at level error, save that the feed broke down. */
  readonly errors: readonly string[];
  /** Lets some of what is under way happen. */
  go(turns: number): Promise<void>;
  /** Lets everything happen that needs no time, and what a feed waits for that broke down. */
  settle(): Promise<void>;
  /** Ends the run of the feed with all that it is about to tell, or to hear. */
  breakFeed(): void;
  /**
   * Begins anew with what is recorded.
   *
   * @param how.lost So many of the last writings of each channel were lost; all of them: no record
   * @param how.channels What is followed from then on
   * @returns Names of the channels that have a record
   */
  restart(how?: {
    readonly lost?: number;
    readonly channels?: readonly ChannelSettings[];
  }): Promise<readonly string[]>;
  /** What a restart would find of a channel. */
  record(channel: string): ChannelRecord | undefined;
}

export interface RaceWorldOptions {
  readonly gate: GateMode;
  readonly canary: CanarySettings | undefined;
  /** Decides how long each message takes; without one it takes no time. */
  readonly seed?: number;
  /** What is followed; unless given, `main` and `preview/*`. */
  readonly channels?: readonly ChannelSettings[];
  /** Runs FunctionTests; unless given there are none. */
  readonly runTests?: RunTests;
}

/** A canary that outlasts what a law does: it ends by order alone. */
export const PATIENT_CANARY: CanarySettings = {
  share: { type: "percent", percent: 50 },
  soakMs: 36_000_000,
  deadlineMs: 72_000_000,
  requireReady: true,
};

/** Starts one. */
export function createRaceWorld(options: RaceWorldOptions): RaceWorld {
  const { gate, canary, seed, runTests = () => Promise.resolve([]) } = options;
  const branches = createBranchedRepository();
  const clock = createManualClock();
  const random = createSeededRandom(seed ?? 0);
  const errors: string[] = [];
  /** What was written of each channel, newest last. */
  const texts = new Map<string, readonly string[]>();
  const tried = canary === undefined ? {} : { canary };
  let channels: readonly ChannelSettings[] = options.channels ?? [
    { name: "stable", source: "defs", branch: "main", ...tried },
    { name: "preview", source: "defs", branch: "preview/*", ...tried },
  ];
  const quiet = { log: () => {} };
  const lag = () => turns(seed === undefined ? 0 : Math.floor(random.next() * 12));
  let breakFeed: () => void = () => {};

  const records: RecordStore = {
    load: () => Promise.resolve([...texts.keys()].flatMap((channel) => recordOf(channel) ?? [])),
    save: (record) => {
      const text = recordSections(record).map((one) => one.text()).join("");
      texts.set(record.channel, [...texts.get(record.channel) ?? [], text]);
      return Promise.resolve();
    },
    remove: (channel) => Promise.resolve(void texts.delete(channel)),
  };

  function recordOf(channel: string): ChannelRecord | undefined {
    const text = texts.get(channel)?.at(-1);
    if (text === undefined) return undefined;
    const reader = createRecordReader(channel);
    reader.add(text);
    return reader.end();
  }

  /** As a Worker is one: what crosses is a copy, comes late, and in order. */
  function distantFeed(): DefinitionFeed {
    let running: DefinitionFeed | undefined;
    let line = Promise.resolve();
    return {
      wake: () => running?.wake(),
      goBack(seed: FeedSeed) {
        const [to, copy] = [running, structuredClone(seed)];
        line = line.then(lag).then(() => to?.goBack(copy));
      },
      async run(receive, { seeds, signal }) {
        const source = { name: "defs", location: "memory", directory: "", intervalMs: 36_000_000 };
        const near = createDefinitionFeed({
          sources: [{ ...source, repository: branches.repository }],
          channels,
          gate,
          clock,
          logger: quiet,
          runTests,
          yieldNow: lag,
        });
        const end = Promise.withResolvers<never>();
        breakFeed = () => end.reject(new FeedError("crashed", "The feed broke down"));
        const stop = new AbortController();
        const found = structuredClone(await seeds());
        running = near;
        const told = near.run(async (message) => {
          await lag();
          await receive(structuredClone(message));
          await lag();
        }, { seeds: () => Promise.resolve(found), signal: AbortSignal.any([signal, stop.signal]) });
        try {
          await Promise.race([told, end.promise]);
        } finally {
          running = undefined;
          stop.abort("over");
          await told.catch(() => {});
        }
      },
    };
  }

  function start() {
    const registry = createReleaseRegistry({
      feed: distantFeed(),
      channels,
      records,
      clock,
      random: createSeededRandom(1),
      yieldNow: lag,
      logger: {
        log({ level, message }) {
          if (level === "error" && !message.startsWith("The feed broke down")) errors.push(message);
        },
      },
    });
    const stop = new AbortController();
    return { registry, stop, running: registry.run({ signal: stop.signal }).catch(() => {}) };
  }

  async function end(): Promise<void> {
    process.stop.abort("over");
    await clock.advance(4_000);
    await process.running;
  }

  let process = start();
  return {
    branches,
    registry: () => process.registry,
    errors,
    go: turns,
    async settle() {
      for (const ms of [1_500, 61_000, 1_500, 1_500]) {
        await clock.advance(ms);
        await turns(400);
      }
    },
    breakFeed: () => breakFeed(),
    record: recordOf,
    async restart({ lost = 0, channels: others = channels } = {}) {
      await end();
      channels = others;
      for (const [channel, all] of texts) {
        const kept = all.slice(0, Math.max(0, all.length - lost));
        if (kept.length > 0) texts.set(channel, kept);
        else texts.delete(channel);
      }
      const recorded = [...texts.keys()];
      process = start();
      return recorded;
    },
    [Symbol.asyncDispose]: end,
  };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}
