// SPDX-License-Identifier: Apache-2.0

import type { FeedTelling } from "./feed_event.ts";
import type { Abortable, UnverifiedError, YieldNow } from "../../runtime/ports.ts";
import { type Layer, revisionName } from "../channels/channel_content.ts";
import {
  type CanaryShare,
  type ChannelSettings,
  type LeftOutBranch,
  presentChannels,
  type SourceSettings,
} from "../channels/channel_settings.ts";
import { createSeedCompiler, seedBranch, type SeedCompiler } from "./feed_seed.ts";
import {
  createFollowedChannels,
  type Followed,
  type FollowedChannel,
} from "./followed_channels.ts";
import type { GateMode } from "../gate/gate.ts";
import type { FeedSeed } from "../publication/publication.ts";
import type { RunTests } from "../gate/gate_faults.ts";
import type { ReleaseStep } from "../release/release_steps.ts";
import { noSuchRevision } from "../channels/no_such_revision.ts";
import type { RegistryLog } from "./registry_log.ts";
import { type SignedHead, signedHead } from "../channels/signed_head.ts";

/** What changed when a revision was loaded; also told when it is held back and nothing changed. */
export interface ProgramChange {
  /** Name of the channel. */
  readonly channel: string;
  /**
   * Names of the Workflows that behave differently from now on: added, changed, removed, or newly
   * explained while they do not run. A Workflow that only moved along is not among them.
   */
  readonly changedWorkflows: readonly string[];
  /** The revision that was loaded. */
  readonly revision: string;
  /** What triggers in the share of a canary notice instead of `changedWorkflows`. */
  readonly inCanary?: {
    readonly share: CanaryShare;
    readonly changedWorkflows: readonly string[];
  };
  /** What became of what was tried or in force; absent when a revision was put in force at once. */
  readonly step?: ReleaseStep;
  /**
   * The channel came into being, or is gone: what its triggers are told changes in any case. Or it
   * is a pattern whose source was read for the first time: now it is known which channels it makes.
   */
  readonly presence?: "new" | "gone" | "settled";
}

/** How an attempt to bring the channels of a source up to date ended. */
export interface SourceRound {
  /** Why channels are not up to date; the others are. */
  readonly failures: readonly Error[];
  readonly channels: number;
}

/** Follows the channels of one source. */
export interface SourceFollower {
  /** Fetches and puts in force. Rejects when the source itself fails; what is in force stays. */
  update(options: Abortable): Promise<SourceRound>;
  /**
   * The channels that there are; before the first fetch those that need no branch to be there, and
   * those that it began from.
   */
  channels(): readonly FollowedChannel[];
  /** Branches that match a pattern and get no channel. */
  readonly leftOut: readonly LeftOutBranch[];
  /** Whether its branches are known: it was fetched once. */
  readonly wasRead: boolean;
  /** Decides from an earlier generation on; without effect when it is of no channel that is there. */
  goOnFrom(seed: FeedSeed): void;
}

/** What following a source needs. */
export interface SourceFollowerSettings {
  readonly source: SourceSettings;
  /** Those of this source. */
  readonly channels: readonly ChannelSettings[];
  /** Names of channels of other sources. */
  readonly elsewhere: readonly string[];
  /** What to go on from, of any source. */
  readonly seeds: readonly FeedSeed[];
  /** Names of channels that all others come before: an earlier run broke down over them. */
  readonly last?: readonly string[];
  readonly gate: GateMode;
  readonly runTests: RunTests;
  readonly yieldNow: YieldNow;
  readonly log: RegistryLog;
  readonly tell: (change: ProgramChange) => void;
  readonly telling: FeedTelling;
}

/** Makes a follower that has nothing in force yet. */
export function createSourceFollower(settings: SourceFollowerSettings): SourceFollower {
  const { source, elsewhere, last = [], log, tell, yieldNow, telling: { clock, observe } } =
    settings;
  const { repository } = source;
  const followed = new Map<string, Followed>();
  const following = createFollowedChannels({ ...settings, pace: { clock, yieldNow } });
  let leftOut: readonly LeftOutBranch[] = [];
  let wasRead = false;

  /** Follows what is there now, and no longer what is not. */
  function place(branches: Iterable<string>): void {
    const former = new Map([...followed].map(([name, { settings: { branch } }]) => [name, branch]));
    const { channels, ...found } = presentChannels(settings.channels, branches, {
      former,
      elsewhere,
    });
    leftOut = found.leftOut;
    log.leftOut(leftOut);
    const present = new Set(channels.map(({ name }) => name));
    for (const [name, gone] of followed) if (!present.has(name)) remove(name, gone);
    const ordered = channels.map((channel): readonly [string, Followed] => {
      const known = followed.get(channel.name);
      if (known !== undefined) known.settings = channel;
      return [channel.name, known ?? following.follow(channel, () => [...followed.values()])];
    });
    followed.clear();
    for (const [name, channel] of ordered) followed.set(name, channel);
  }

  /** In which order they are brought up to date. */
  function inTurn(): readonly Followed[] {
    const isLast = ({ settings: { name } }: Followed) => Number(last.includes(name));
    return [...followed.values()].sort((one, other) => isLast(one) - isLast(other));
  }

  function remove(name: string, gone: Followed): void {
    followed.delete(name);
    gone.tests.remove();
    const changedWorkflows = gone.follower.state.workflows().map((workflow) => workflow.name);
    const revision = gone.follower.loaded?.revision ?? "";
    log.gone(name, gone.settings.branch);
    tell({ channel: name, changedWorkflows, revision, presence: "gone" });
  }

  async function bringUp(channel: Followed, options: Abortable): Promise<void> {
    const { heads, seen, refused } = await headsOf(source, channel, options);
    channel.head = seen;
    await follow(channel, heads, options);
    if (refused !== undefined) throw refused;
  }

  async function follow(
    channel: Followed,
    heads: readonly Layer[],
    options: Abortable,
  ): Promise<void> {
    if (!channel.follower.wants(revisionName(heads))) return;
    const isNew = !channel.state.isLoaded;
    const began = clock.now();
    log.reads(channel.settings.name, revisionName(heads));
    const { changed, loaded, state } = await channel.follower.follow(heads, options);
    const { revision } = loaded;
    const durationMs = clock.now() - began;
    observe({ type: "revision-judged", channel: state.name, revision, durationMs });
    log.loaded(loaded);
    const presence = isNew ? { presence: "new" as const } : {};
    tell({ channel: state.name, changedWorkflows: changed, revision, ...presence });
  }

  function goOnFrom(seed: FeedSeed, compiler: SeedCompiler): void {
    const channel = followed.get(seed.channel);
    if (channel === undefined) return;
    const start = compiler.compile(seed);
    channel.follower.goOnFrom(start);
    // Until its branch is seen: it may be gone by now, or the server away.
    channel.head ??= start.layers[0]?.commit ?? null;
  }

  place(settings.seeds.filter((seed) => isSeedOf(settings, seed)).flatMap(seedBranch));
  const compiler = createSeedCompiler();
  for (const seed of settings.seeds) goOnFrom(seed, compiler);
  return {
    channels: () => [...followed.values()],
    get leftOut() {
      return leftOut;
    },
    get wasRead() {
      return wasRead;
    },
    goOnFrom: (seed) => goOnFrom(seed, createSeedCompiler()),
    async update(options) {
      try {
        await repository.fetch(options);
        place((await repository.branches(options)).keys());
        wasRead = true;
      } catch (error) {
        options.signal.throwIfAborted();
        for (const channel of followed.values()) channel.failure = asError(error);
        throw error;
      }
      const failures: Error[] = [];
      for (const channel of inTurn()) {
        try {
          await bringUp(channel, options);
          delete channel.failure;
        } catch (error) {
          options.signal.throwIfAborted();
          channel.failure = asError(error);
          failures.push(channel.failure);
        }
        // What came of it is told before the next one is looked at.
        await yieldNow();
      }
      following.keepOnly(followed.values());
      return { failures, channels: followed.size };
    },
  };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new TypeError(String(thrown));
}

/** Whether the channel of a seed is one of these while its branch is there. */
function isSeedOf(
  { channels: settings, elsewhere }: Pick<SourceFollowerSettings, "channels" | "elsewhere">,
  seed: FeedSeed,
): boolean {
  const { channels } = presentChannels(settings, seedBranch(seed), { elsewhere });
  return channels.some(({ name }) => name === seed.channel);
}

/** The heads of the branches of a channel, upper first, as far as they may be put in force. */
interface Heads {
  readonly heads: readonly Layer[];
  /** The newest commit of its own branch, whether it may be put in force or not. */
  readonly seen: string | null;
  /** Why one of them is not the newest of its branch. */
  readonly refused?: UnverifiedError;
}

async function headsOf(
  source: SourceSettings,
  { settings, follower }: Followed,
  options: Abortable,
): Promise<Heads> {
  const heads: Layer[] = [];
  let seen: string | null = null;
  let why: UnverifiedError | undefined;
  for (const { branch, ref } of [settings, ...settings.below]) {
    const inForce = follower.layers.find((layer) => layer.branch === branch)?.commit;
    const asked = { branch, ref: ref ?? branch, inForce };
    const { commit, refused } = await headOf(source, asked, options);
    heads.push({ branch, commit });
    seen ??= refused?.commit ?? commit;
    why ??= refused;
  }
  return { heads, seen, ...(why === undefined ? {} : { refused: why }) };
}

async function headOf(
  source: SourceSettings,
  asked: { readonly branch: string; readonly ref: string; readonly inForce: string | undefined },
  options: Abortable,
): Promise<SignedHead> {
  const head = await signedHead(source.repository, asked, options);
  if (head !== undefined) return head;
  throw await noSuchRevision(source, { verb: "follow", revision: asked.branch }, options);
}
