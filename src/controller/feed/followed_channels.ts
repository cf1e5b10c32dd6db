// SPDX-License-Identifier: Apache-2.0

import { type ChannelContents, createChannelContents } from "../channels/channel_content.ts";
import type { PresentChannel, SourceSettings } from "../channels/channel_settings.ts";
import type { ChannelState } from "../channels/channels.ts";
import { isSigned } from "../channels/signed_head.ts";
import { createSourceReader } from "../channels/source_reader.ts";
import type { GateMode, GateState } from "../gate/gate.ts";
import type { RunTests } from "../gate/gate_faults.ts";
import { createTestJudges, type TestJudge } from "../gate/gate_tests.ts";
import type { SlicePace } from "../queue/run_slices.ts";
import { type ChannelFollower, createChannelFollower } from "./channel_follower.ts";
import { createChannelLoader, type LoadedRevision } from "./load_revision.ts";

/** A channel of a source as it is followed. */
export interface FollowedChannel {
  /** What is followed. */
  readonly settings: PresentChannel;
  /** What is in force. */
  readonly state: ChannelState;
  /** The same, as the gate knows it. */
  readonly gate: GateState;
  /** The revision that was loaded last, whether it went into force or not. */
  readonly loaded: LoadedRevision | undefined;
  /** The newest commit seen of its own branch; `null` before the first one. */
  readonly head: string | null;
  /** Why its source could not be read, or its newest revision not be loaded. */
  readonly failure?: Error;
}

/** A followed channel with what follows it. */
export interface Followed extends FollowedChannel {
  readonly follower: ChannelFollower;
  settings: PresentChannel;
  readonly contents: ChannelContents;
  readonly tests: TestJudge;
  head: string | null;
  failure?: Error;
}

/** What following the channels of a source needs. */
export interface FollowedChannelsSettings {
  readonly source: SourceSettings;
  readonly gate: GateMode;
  readonly runTests: RunTests;
  /** Lets others have their turn while a large file is read. */
  readonly pace: SlicePace;
}

/** Follows the channels of one source, which share what is read of it and which tests passed. */
export interface FollowedChannels {
  /** Follows one more, with nothing in force yet; `others` are those that it may share with. */
  follow(channel: PresentChannel, others: () => readonly Followed[]): Followed;
  /** Drops what was read of other channels than these, and of other revisions. */
  keepOnly(followed: Iterable<Followed>): void;
}

/** Makes what the channels of a source share. */
export function createFollowedChannels(
  { source, gate, runTests, pace }: FollowedChannelsSettings,
): FollowedChannels {
  const byNamespace = new Map<string, ChannelContents>();
  const judges = createTestJudges(runTests);

  function contentsFor(namespace: string): ChannelContents {
    const known = byNamespace.get(namespace);
    if (known !== undefined) return known;
    const { repository, directory } = source;
    const reader = createSourceReader({ repository, directory, namespace, pace });
    const made = createChannelContents(reader, repository);
    byNamespace.set(namespace, made);
    return made;
  }

  return {
    follow(channel, others) {
      const { name, namespace, priority } = channel;
      const contents = contentsFor(namespace);
      const tests = judges.add();
      const loader = createChannelLoader({
        contents,
        namespace,
        pace,
        ...(priority === undefined ? {} : { priority }),
        near: () => others().flatMap(({ follower }) => follower.loaded?.program ?? []),
      });
      const follower = createChannelFollower({
        channel: name,
        gate,
        loader,
        judge: tests.judge,
        mayRun: (commit, options) => isSigned(source.repository, commit, options),
      });
      return {
        settings: channel,
        get state() {
          return follower.state;
        },
        get gate() {
          return follower.gate;
        },
        get loaded() {
          return follower.loaded;
        },
        follower,
        contents,
        tests,
        head: null,
      };
    },
    keepOnly(followed) {
      const all = [...followed];
      for (const contents of byNamespace.values()) {
        const own = all.filter((channel) => channel.contents === contents);
        contents.keepOnly(own.flatMap(({ follower }) => follower.loaded?.content ?? []));
      }
    },
  };
}
