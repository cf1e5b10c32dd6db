// SPDX-License-Identifier: Apache-2.0

import { awaitedPattern } from "../channels/channel_choice.ts";
import type { ChannelSettings, PresentChannel } from "../channels/channel_settings.ts";
import type { UnreadSource } from "../feed/feed_message.ts";
import {
  awaitedPatterns,
  channelsOfRecords,
  type PresentRules,
  presentRules,
} from "./present_channels.ts";

/** Which channels there are, as far as anybody can say. */
export interface KnownChannels {
  /** Which of them a trigger gets. */
  readonly rules: PresentRules;
  /** Whether there is a channel of this name, or may be. */
  has(name: string): boolean;
  /**
   * These are there, and no others of sources that were read.
   *
   * @returns Patterns of which nobody could say before which channels they make
   */
  place(present: readonly PresentChannel[]): readonly string[];
  /** One that nobody has told of comes to them. */
  add(channel: PresentChannel): void;
  remove(name: string): void;
  /** Takes note of what a run of the feed has not read; it counts with what is placed next. */
  noteUnread(unread: readonly UnreadSource[]): void;
}

/** Begins with those that need no branch to be there. */
export function createKnownChannels(
  settings: { readonly channels: readonly ChannelSettings[]; readonly default?: string },
): KnownChannels {
  const read = new Set<string>();
  let unread: readonly UnreadSource[] = [];
  let rules = rulesFor(channelsOfRecords(settings.channels, []));

  function rulesFor(present: readonly PresentChannel[]): PresentRules {
    return presentRules(settings, present, awaitedPatterns(settings.channels, { read, unread }));
  }

  /** What was there in a source that was read, and is not by the feed that has begun anew. */
  function leftOver(present: readonly PresentChannel[]): readonly PresentChannel[] {
    const placed = new Set(present.map(({ name }) => name));
    const isUnread = (source: string) => unread.some((one) => one.source === source);
    return rules.channels.filter(({ name, source }) =>
      !placed.has(name) && read.has(source) && isUnread(source)
    );
  }

  return {
    get rules() {
      return rules;
    },
    has: (name) =>
      rules.channels.some((channel) => channel.name === name) ||
      awaitedPattern(name, rules) !== undefined,
    place(present) {
      const before = awaitedNames(rules);
      rules = rulesFor([...present, ...leftOver(present)]);
      return [...before.difference(awaitedNames(rules))];
    },
    add(channel) {
      const isPlaced = rules.channels.some(({ name }) => name === channel.name);
      if (!isPlaced) rules = rulesFor([...rules.channels, channel]);
    },
    remove(name) {
      rules = rulesFor(rules.channels.filter((channel) => channel.name !== name));
    },
    noteUnread(found) {
      unread = found;
      // Once read, a source is known: a feed that begins anew need not have read it yet.
      for (const { source } of settings.channels) {
        if (unread.every((one) => one.source !== source)) read.add(source);
      }
    },
  };
}

function awaitedNames({ awaited = [] }: PresentRules): ReadonlySet<string> {
  return new Set(awaited.map(({ name }) => name));
}
