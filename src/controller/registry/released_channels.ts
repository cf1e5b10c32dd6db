// SPDX-License-Identifier: Apache-2.0

import type { CanarySettings, PresentChannel } from "../channels/channel_settings.ts";
import type { ChannelState } from "../channels/channels.ts";
import type { Slices } from "../../language/mod.ts";
import { programsOf } from "../publication/published_program.ts";
import { createProgramShelf, type ProgramShelf } from "../publication/program_shelf.ts";
import type { FeedSeed, Generation } from "../publication/publication.ts";
import type { ChannelRecord, Release } from "../release/release.ts";
import type { ReleaseStep } from "../release/release_steps.ts";
import { type ReleasedChannel, releasedChannel, releasePrograms } from "./released_channel.ts";

/** The channels of which something is in force, and the Programs that they run from. */
export interface ReleasedChannels {
  readonly shelf: Pick<ProgramShelf, "add" | "compile">;
  get(name: string): ReleasedChannel | undefined;
  readonly size: number;
  /** Their names. */
  channels(): Iterable<string>;
  release(name: string): Release | undefined;
  /** How a channel tries new revisions. */
  canarySettings(name: string): CanarySettings | undefined;
  /** What is in force, compiled. */
  currentState(name: string): ChannelState | undefined;
  /** What is being tried, compiled. */
  candidateState(name: string): ChannelState | undefined;
  /** Goes on with a release that was made from the one that is kept: nothing is to be compiled. */
  replace(name: string, release: Release, step?: ReleaseStep): void;
  /** The newest generation that is known of a channel. */
  newest(name: string): Generation | undefined;
  /** The newest generation that is known of a channel: the feed does not publish it again. */
  noteNewest(name: string, generation: Generation): void;
  /** Another release of a channel; its Programs must be compiled. */
  put(channel: PresentChannel, release: Release, step?: ReleaseStep): void;
  /** @returns What was in force of it */
  remove(name: string): ReleasedChannel | undefined;
  /** Everything that a restart needs of a channel. */
  record(name: string): ChannelRecord | undefined;
  /** What the gate is to go on from. */
  seed(name: string): FeedSeed | undefined;
  /** The same of all. */
  seeds(): Slices<readonly FeedSeed[]>;
}

/** A release took the place of another one. */
export interface ReleaseReplacement {
  readonly channel: PresentChannel;
  readonly before: Release | undefined;
  readonly after: Release;
  /** Absent when it was put in force at once, or nothing changes for triggers. */
  readonly step?: ReleaseStep;
}

/** Makes it empty; every replacement is told. */
export function createReleasedChannels(
  onReplaced: (replacement: ReleaseReplacement) => void,
): ReleasedChannels {
  const shelf = createProgramShelf();
  const channels = new Map<string, ReleasedChannel>();
  const newest = new Map<string, Generation>();

  function keepPrograms(name: string): void {
    const release = channels.get(name)?.release;
    const last = newest.get(name);
    shelf.keep(name, [
      ...release === undefined ? [] : releasePrograms(release),
      ...last === undefined ? [] : programsOf(last),
    ]);
  }

  function put(channel: PresentChannel, release: Release, step?: ReleaseStep): void {
    const { name } = channel;
    const before = channels.get(name)?.release;
    channels.set(name, releasedChannel(channel, release, shelf));
    keepPrograms(name);
    onReplaced({ channel, before, after: release, ...(step === undefined ? {} : { step }) });
  }

  function seed(name: string): FeedSeed | undefined {
    const release = channels.get(name)?.release;
    if (release === undefined) return undefined;
    const generation = release.candidate?.generation ?? release.current;
    return {
      channel: name,
      generation,
      ...shelf.content(programsOf(generation)),
      refused: release.refused,
    };
  }

  return {
    shelf,
    get: (name) => channels.get(name),
    get size() {
      return channels.size;
    },
    channels: () => channels.keys(),
    release: (name): Release | undefined => channels.get(name)?.release,
    canarySettings: (name): CanarySettings | undefined => channels.get(name)?.settings.canary,
    currentState: (name): ChannelState | undefined => channels.get(name)?.current,
    candidateState: (name): ChannelState | undefined => channels.get(name)?.candidate,
    newest: (name): Generation | undefined => newest.get(name),
    noteNewest(name, generation) {
      newest.set(name, generation);
      keepPrograms(name);
    },
    put,
    replace(name, release, step) {
      const known = channels.get(name);
      if (known !== undefined) put(known.settings, release, step);
    },
    remove(name) {
      const gone = channels.get(name);
      channels.delete(name);
      newest.delete(name);
      shelf.keep(name, []);
      return gone;
    },
    record(name) {
      const release = channels.get(name)?.release;
      return release && { channel: name, release, ...shelf.content(releasePrograms(release)) };
    },
    seed,
    *seeds() {
      const found: FeedSeed[] = [];
      for (const name of channels.keys()) {
        const own = seed(name);
        if (own !== undefined) found.push(own);
        yield;
      }
      return found;
    },
  };
}
