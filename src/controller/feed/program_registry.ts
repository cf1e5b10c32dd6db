// SPDX-License-Identifier: Apache-2.0

import type { Abortable, Clock, Logger, YieldNow } from "../../runtime/ports.ts";
import {
  type ChannelSettings,
  isPattern,
  type LeftOutBranch,
  type SourceSettings,
} from "../channels/channel_settings.ts";
import type { ChannelState } from "../channels/channels.ts";
import { type FeedObserver, observedTests } from "./feed_event.ts";
import type { GateMode } from "../gate/gate.ts";
import type { FeedSeed } from "../publication/publication.ts";
import type { RunTests } from "../gate/gate_faults.ts";
import type { ChannelStatus, RegistryFailure, RegistryStatus } from "./channel_status.ts";
import { createChangeListeners } from "./change_listeners.ts";
import type { UnreadSource } from "./feed_message.ts";
import { createRegistryLog } from "./registry_log.ts";
import type { FollowedChannel } from "./followed_channels.ts";
import { createSourceFollower, type ProgramChange } from "./source_follower.ts";
import { createSourcePoll, type SourcePoll } from "./source_poll.ts";

/** Follows repositories and holds what is in force. */
export interface ProgramRegistry {
  /** A channel by name, the default one without; `undefined` when there is none of that name. */
  channel(name?: string): ChannelState | undefined;
  /** A channel as it is followed: what was loaded, and where from. */
  followed(name: string): FollowedChannel | undefined;
  /** All of them, in the order in which their selectors count. */
  channels(): readonly FollowedChannel[];
  /** Calls the listener after every change, in order. Returns what ends the subscription. */
  subscribe(listener: (change: ProgramChange) => void): () => void;
  /**
   * Fetches, loads and puts in force once. Rejects with the first failure; what is in force stays,
   * and what did not fail is up to date.
   */
  refresh(options: Abortable): Promise<void>;
  /** Follows the repositories until aborted; rejects with the reason of the abort. */
  run(options: Abortable): Promise<void>;
  /** Makes the next polls due now. */
  wake(): void;
  /** Decides from an earlier generation on, and polls. */
  goOnFrom(seed: FeedSeed): void;
  /** What is known now. */
  status(): RegistryStatus;
  /** Branches that match a pattern and get no channel, as far as they are told. */
  readonly leftOut: readonly LeftOutBranch[];
  /** Sources whose branches are not known so far. */
  readonly unread: readonly UnreadSource[];
  /** Whether every source was tried. */
  readonly wereAllTried: boolean;
  /** What is wrong now; absent when the last polls went well. */
  readonly lastError: RegistryFailure | undefined;
}

/** What the registry follows and what it needs for that. */
export interface RegistrySettings {
  /** The repositories to follow. */
  readonly sources: readonly SourceSettings[];
  /** What to follow of them. */
  readonly channels: readonly ChannelSettings[];
  /** The channel of triggers that name none; the first one unless given. */
  readonly default?: string;
  /** What must be sound before a revision is put in force. */
  readonly gate: GateMode;
  /** For polling and back-off. */
  readonly clock: Clock;
  /** Is told what happens. */
  readonly logger: Logger;
  /** Runs the FunctionTests for the gate. */
  readonly runTests: RunTests;
  /** Lets others have their turn between two channels; absent: only other promises have theirs. */
  readonly yieldNow?: YieldNow;
  /** What to go on from; without it history is walked back. */
  readonly seeds?: readonly FeedSeed[];
  /** Names of channels that all others of their source come before. */
  readonly last?: readonly string[];
  /** An attempt to bring a source up to date came to its end. */
  readonly onTried?: () => void;
  /** Is told how following fares, for metrics. Must not throw. */
  readonly observe?: FeedObserver;
}

/** So many branches without a channel are told of. */
const MAX_LEFT_OUT = 200;

/**
 * Makes a registry. It does nothing before `run` or `refresh`.
 *
 * @throws {TypeError} If a channel lies over one that there is not, or over itself
 */
export function createProgramRegistry(settings: RegistrySettings): ProgramRegistry {
  const { clock, gate, observe = () => {} } = settings;
  const telling = { clock, observe };
  const runTests = observedTests(settings.runTests, telling);
  const log = createRegistryLog(settings.logger);
  const listeners = createChangeListeners(log);

  const sources = settings.sources.map((source) => {
    const isOwn = (channel: ChannelSettings) => channel.source === source.name;
    const channels = settings.channels.filter(isOwn);
    const elsewhere = settings.channels.filter((channel) => !isOwn(channel) && !isPattern(channel));
    const { seeds = [], last = [] } = settings;
    const follower = createSourceFollower({
      source,
      channels,
      elsewhere: elsewhere.map(({ name }) => name),
      seeds,
      last,
      gate,
      runTests,
      yieldNow: settings.yieldNow ?? (() => Promise.resolve()),
      log,
      tell: listeners.tell,
      telling,
    });
    const { name, intervalMs } = source;
    const { onTried = () => {} } = settings;
    const poll = createSourcePoll({ name, follower, intervalMs, clock, log, onTried, observe });
    return { name, follower, poll, follow: source.follow };
  });
  const followed = () => sources.flatMap(({ follower }) => follower.channels());
  const byName = (wanted: string) => followed().find(({ settings: { name } }) => name === wanted);
  const fallback = settings.default ?? settings.channels[0]?.name ?? "default";

  const wereAllTried = () => sources.every(({ poll }) => poll.wasTried);
  const leftOut = () => sources.flatMap(({ follower }) => follower.leftOut).slice(0, MAX_LEFT_OUT);

  return {
    channel: (name = fallback) => byName(name)?.state,
    followed: byName,
    channels: followed,
    get leftOut() {
      return leftOut();
    },
    get unread() {
      return sources.filter(({ follower }) => !follower.wasRead).map(unreadSource);
    },
    get wereAllTried() {
      return wereAllTried();
    },
    get lastError() {
      return lastErrorOf(sources).lastError;
    },
    goOnFrom(seed) {
      for (const { follower, poll } of sources) {
        follower.goOnFrom(seed);
        poll.wake();
      }
    },
    subscribe: listeners.subscribe,
    async refresh(options) {
      const ended = await Promise.allSettled(sources.map(({ poll }) => poll.refresh(options)));
      options.signal.throwIfAborted();
      for (const end of ended) if (end.status === "rejected") throw end.reason;
    },
    wake: () => sources.forEach(({ poll }) => poll.wake()),
    status: () => ({
      channels: followed().map(channelStatus),
      ...(leftOut().length === 0 ? {} : { leftOut: leftOut() }),
      ...lastErrorOf(sources),
    }),
    async run(options) {
      // What tells of changes begins first: it may be what the first poll asks.
      await Promise.all(
        sources.flatMap(({ poll, follow }) => [follow?.(poll.wake, options), poll.run(options)]),
      );
    },
  };
}

function unreadSource(
  { name, poll: { lastError } }: {
    readonly name: string;
    readonly poll: Pick<SourcePoll, "lastError">;
  },
): UnreadSource {
  return lastError === undefined ? { source: name } : { source: name, reason: lastError.message };
}

function lastErrorOf(
  sources: readonly { readonly poll: Pick<SourcePoll, "lastError"> }[],
): Pick<RegistryStatus, "lastError"> {
  const lastError = sources.map(({ poll }) => poll.lastError).find((found) => found !== undefined);
  return lastError === undefined ? {} : { lastError };
}

/** A channel as it is followed, in plain data. */
export function channelStatus(
  { settings, state, loaded, head, failure }: FollowedChannel,
): ChannelStatus {
  return {
    name: state.name,
    branch: settings.branch,
    ...(settings.over === undefined ? {} : { over: settings.over }),
    head,
    ...(failure === undefined ? {} : { error: failure.message }),
    definitions: loaded?.program.definitions.length ?? 0,
    diagnostics: loaded?.diagnostics ?? [],
    workflows: state.workflows().map(({ namespace, name, inForce, heldBack }) => ({
      namespace,
      name,
      revision: inForce?.revision ?? null,
      ...(heldBack === undefined ? {} : { heldBack }),
    })),
  };
}
