// SPDX-License-Identifier: Apache-2.0

import type { FeedObserver } from "../feed/feed_event.ts";
import { type Slices, unreachable } from "../../language/mod.ts";
import type { Abortable, Clock, Logger, Random, YieldNow } from "../../runtime/ports.ts";
import { awaitedPattern, type ChannelRules } from "../channels/channel_choice.ts";
import type { ChannelSettings, PresentChannel } from "../channels/channel_settings.ts";
import { type ChannelState, createChannelState } from "../channels/channels.ts";
import type { Generation } from "../publication/publication.ts";
import { programsOf } from "../publication/published_program.ts";
import { createKnownChannels } from "./known_channels.ts";
import { channelsOfRecords } from "./present_channels.ts";
import type { ChannelStatus, RegistryStatus } from "../feed/channel_status.ts";
import { createChangeListeners } from "../feed/change_listeners.ts";
import type {
  ChannelPublication,
  DefinitionFeed,
  FeedMessage,
  FeedReport,
} from "../feed/feed_message.ts";
import { keepFeedRunning } from "./keep_feed_running.ts";
import { programChange } from "./program_change.ts";
import type { ControllerRegistry } from "../triggers/reconcile_context.ts";
import { firstLook } from "./first_look.ts";
import { createRecordKeeper } from "./record_keeper.ts";
import { createRegistryLog } from "../feed/registry_log.ts";
import {
  type ChannelRecord,
  offerGeneration,
  type RecordStore,
  type Release,
  releaseChange,
} from "../release/release.ts";
import { refusalOf } from "../release/release_refusals.ts";
import { releaseUnder } from "./recorded_release.ts";
import { createReleaseControl, type KeptReleases } from "./release_control.ts";
import { offerStep } from "../release/release_steps.ts";
import { releasedStatus, releasePrograms, unseenStatus } from "./released_channel.ts";
import { createReleasedChannels, type ReleaseReplacement } from "./released_channels.ts";
import { runSlices } from "../queue/run_slices.ts";

/**
 * What is in force in the reconciling thread: takes the generations of a feed, compiles them in
 * slices, and keeps for each channel a release, from which its triggers run.
 */
export interface ReleaseRegistry extends ControllerRegistry {
  /** Which channel a trigger gets. */
  rules(): ChannelRules;
  /** Why nothing of a channel could be loaded so far; `undefined` where that is not known. */
  whyNotReady(channel: string): string | undefined;
  /** What is in force of a channel, the default one without a name; `undefined` of none. */
  inForce(channel?: string): ChannelInForce | undefined;
  /** What share of the triggers runs from something else, and what is decided by hand. */
  readonly releases: KeptReleases;
  /** Resolves when a restart would find what is in force of a channel. Ends early when aborted. */
  recorded(channel: string, options: Abortable): Promise<void>;
  /** Resolves after the first attempt to follow every source, well or not. Never rejects. */
  readonly tried: Promise<void>;
  /** Follows until aborted; rejects with the reason of the abort. */
  run(options: Abortable): Promise<void>;
  /** Makes the next polls due now. */
  wake(): void;
}

/** What the triggers of a channel run from. */
export interface ChannelInForce {
  /** Name of the channel. */
  readonly name: string;
  /** The newest revision that is known, in force or not; absent before the first. */
  readonly newest?: string;
  /** What triggers run from; not loaded before the first revision. */
  readonly current: ChannelState;
  /** What the share of a canary runs from; absent when none is under way. */
  readonly candidate?: ChannelState;
}

/** What the registry holds and what it needs for that. */
export interface ReleaseRegistrySettings {
  /** Publishes what the gate lets through. */
  readonly feed: DefinitionFeed;
  /** The channels that the feed follows. */
  readonly channels: readonly ChannelSettings[];
  /** The channel of triggers that name none; the first one unless given. */
  readonly default?: string;
  /** Where what is in force survives a restart; without it the feed walks history back. */
  readonly records?: RecordStore;
  /** For slices, pauses and canaries. */
  readonly clock: Clock;
  /** For the jitter of back-off. */
  readonly random: Random;
  /** Lets others have their turn between two slices. */
  readonly yieldNow: YieldNow;
  /** Is told what is in force, and what is held back. */
  readonly logger: Logger;
  /** Is told what the feed tells of itself, for metrics. Must not throw. */
  readonly observe?: FeedObserver;
}

/** Makes a registry that holds nothing; it begins with `run`. */
export function createReleaseRegistry(settings: ReleaseRegistrySettings): ReleaseRegistry {
  const { feed, clock, random, logger } = settings;
  const log = createRegistryLog(logger);
  const listeners = createChangeListeners(log);
  const [ready, tried] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const channels = createReleasedChannels(replaced);
  const releases = createReleaseControl(channels, { clock });
  const told = new Map<string, ChannelStatus>();
  const known = createKnownChannels(settings);
  let wrong: Pick<RegistryStatus, "lastError" | "leftOut"> = {};
  let isRestoring = false;
  let isWhole = false;
  const { records } = settings;
  const keeper = records &&
    createRecordKeeper({ records, recordOf: channels.record, clock, logger });

  function replaced(replacement: ReleaseReplacement): void {
    const { channel, before, after, step } = replacement;
    const { name } = channel;
    keeper?.changed(name);
    const isSame = before?.current === after.current &&
      before.candidate?.generation === after.candidate?.generation;
    if (isSame && step === undefined) return;
    const change = releaseChange(before, after);
    const generation = after.candidate?.generation ?? after.current;
    const isTried = after.candidate !== undefined;
    const how = { step, isTried, isRecorded: isRestoring };
    log.inForce({ channel, generation, changed: change.inside, ...how });
    listeners.tell(programChange(replacement, change));
    const isRefusedAnew = step?.type === "rolled-back" || step?.type === "refusal-lifted";
    const seed = isRefusedAnew ? channels.seed(name) : undefined;
    if (seed !== undefined) feed.goBack(seed);
  }

  async function offer(publication: ChannelPublication, options: Abortable): Promise<void> {
    const { channel, generation, content, status } = publication;
    const { name, canary } = channel;
    told.set(name, status);
    known.add(channel);
    channels.shelf.add(content);
    channels.noteNewest(name, generation);
    await runSlices(channels.shelf.compile(programsOf(generation)), settings, options);
    options.signal.throwIfAborted();
    const before = channels.release(name);
    if (before !== undefined && refusalOf(before, generation) !== undefined) {
      return goBackAgain(name, before);
    }
    // After a restart the feed offers what it was seeded with anew.
    const newest = before?.candidate?.generation ?? before?.current;
    if (newest !== undefined && isSameGeneration(newest, generation)) return;
    const after = offerGeneration(before, generation, canary && { now: clock.now() });
    if (after !== before) channels.put(channel, after, offerStep(before, after));
  }

  /** The feed has not heard of it so far, or has begun anew: else it would hold on to that. */
  function goBackAgain(name: string, release: Release): void {
    const seed = channels.seed(name);
    if (seed === undefined || refusalOf(release, seed.generation) !== undefined) return;
    feed.goBack(seed);
  }

  function remove(name: string): void {
    told.delete(name);
    const gone = channels.remove(name);
    known.remove(name);
    keeper?.changed(name);
    if (gone === undefined) return;
    const { current: { workflows, revision } } = gone.release;
    const changedWorkflows = workflows.map((workflow) => workflow.name);
    listeners.tell({ channel: name, changedWorkflows, revision, presence: "gone" });
  }

  function hear({ channels: present, statuses, wereAllTried, ...report }: FeedReport): void {
    for (const event of report.events) settings.observe?.(event);
    for (const status of statuses) told.set(status.name, status);
    known.noteUnread(report.unread ?? []);
    for (const channel of known.place(present)) {
      listeners.tell({ channel, changedWorkflows: [], revision: "", presence: "settled" });
    }
    const { lastError, leftOut } = report;
    wrong = { ...(leftOut && { leftOut }), ...(lastError && { lastError }) };
    if (!wereAllTried) return;
    tried.resolve();
    if (channels.size > 0) ready.resolve();
  }

  async function receive(message: FeedMessage, options: Abortable): Promise<void> {
    options.signal.throwIfAborted();
    switch (message.type) {
      case "channel":
        return await offer(message, options);
      case "gone":
        return remove(message.channel);
      case "report":
        return hear(message);
      default:
        return unreachable(message);
    }
  }

  /** What was in force when it was recorded last is so again, whether there is Git or not. */
  async function restore(options: Abortable): Promise<void> {
    const found = await keeper?.load(options) ?? [];
    const present = channelsOfRecords(settings.channels, found);
    await runSlices(putRecorded(found, present), settings, options);
    known.place(present);
    isWhole = present.every(({ name }) => channels.release(name) !== undefined);
  }

  /** A channel without a record may be new: that it holds nothing is only said once it was read. */
  async function open(restored: Promise<void>, options: Abortable): Promise<void> {
    await restored;
    if (channels.size === 0) return;
    if (!isWhole) await firstLook(tried.promise, clock, options);
    ready.resolve();
  }

  /** Fifty channels that share their definitions are no slice each: together they are many. */
  function* putRecorded(
    found: readonly ChannelRecord[],
    present: readonly PresentChannel[],
  ): Slices<void> {
    for (const { channel: name, release, ...content } of found) {
      const channel = present.find((one) => one.name === name);
      if (channel === undefined) {
        keeper?.changed(name);
        continue;
      }
      channels.shelf.add(content);
      yield* channels.shelf.compile(releasePrograms(release));
      channels.noteNewest(name, release.candidate?.generation ?? release.current);
      isRestoring = true;
      channels.put(channel, releaseUnder(channel, { release, ...content }));
      isRestoring = false;
      yield;
    }
  }

  function stateOf(name: string): ChannelState | undefined {
    const current = channels.currentState(name);
    return current ?? (known.has(name) ? createChannelState(name) : undefined);
  }

  return {
    ready: ready.promise,
    tried: tried.promise,
    rules: () => known.rules,
    releases,
    channel: (name = known.rules.default) => stateOf(name),
    whyNotReady: (name) => told.get(name)?.error ?? awaitedPattern(name, known.rules)?.reason,
    inForce(name = known.rules.default) {
      const current = stateOf(name);
      const newest = channels.newest(name)?.revision;
      const candidate = channels.candidateState(name);
      return current && {
        name,
        ...(newest === undefined ? {} : { newest }),
        current,
        ...(candidate === undefined ? {} : { candidate }),
      };
    },
    subscribe: listeners.subscribe,
    status: (): RegistryStatus => ({
      channels: known.rules.channels.map((channel) => {
        const released = channels.get(channel.name);
        const status = told.get(channel.name);
        return released === undefined
          ? status ?? unseenStatus(channel)
          : { ...releasedStatus(released, status), ...releases.status(channel.name) };
      }),
      ...wrong,
    }),
    wake: () => feed.wake(),
    recorded: async (channel, options) => await keeper?.written(channel, options),
    async run(options) {
      // The feed is made ready meanwhile: that takes about as long.
      const restored = restore(options);
      const seeds = async () => {
        await restored;
        return await runSlices(channels.seeds(), settings, options);
      };
      const following = keepFeedRunning({ feed, clock, random, log }, { receive, seeds }, options);
      const recording = restored.then(() => keeper?.run(options));
      await Promise.all([following, recording, open(restored, options)]);
    },
  };
}

/** Writing a generation out costs something where there are many Workflows: revisions differ first. */
function isSameGeneration(one: Generation, other: Generation): boolean {
  return one.revision === other.revision && JSON.stringify(one) === JSON.stringify(other);
}
