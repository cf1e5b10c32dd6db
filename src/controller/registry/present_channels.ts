// SPDX-License-Identifier: Apache-2.0

import type { AwaitedPattern, ChannelRules } from "../channels/channel_choice.ts";
import {
  type ChannelSettings,
  isPattern,
  type PresentChannel,
  presentChannels,
} from "../channels/channel_settings.ts";
import type { UnreadSource } from "../feed/feed_message.ts";
import { seedBranch } from "../feed/feed_seed.ts";
import type { ChannelRecord } from "../release/release.ts";

/** Which channel a trigger gets, with all that is said of each. */
export interface PresentRules extends ChannelRules {
  readonly channels: readonly PresentChannel[];
}

/** The rules while these channels are there. */
export function presentRules(
  settings: { readonly channels: readonly ChannelSettings[]; readonly default?: string },
  channels: readonly PresentChannel[],
  awaited: readonly AwaitedPattern[] = [],
): PresentRules {
  return {
    default: settings.default ?? settings.channels[0]?.name ?? "default",
    channels,
    awaited,
    usesNamespaces: settings.channels.length > 1 || settings.channels.some(isPattern),
  };
}

/**
 * The patterns whose source no run of the feed has read.
 *
 * @param unread Why it could not be read, as far as that is known
 */
export function awaitedPatterns(
  settings: readonly ChannelSettings[],
  { read, unread }: {
    readonly read: ReadonlySet<string>;
    readonly unread: readonly UnreadSource[];
  },
): readonly AwaitedPattern[] {
  return settings.filter((one) => isPattern(one) && !read.has(one.source)).map((one) => {
    const reason = unread.find(({ source }) => source === one.source)?.reason;
    return reason === undefined ? one : { ...one, reason };
  });
}

/**
 * The channels that are there as far as configuration and record tell: those with a name, and those
 * of patterns that are recorded, as long as the pattern is configured.
 */
export function channelsOfRecords(
  settings: readonly ChannelSettings[],
  records: readonly ChannelRecord[],
): readonly PresentChannel[] {
  const isRecorded = new Set(records.map(({ channel }) => channel));
  const branches = records.flatMap(({ release }) => seedBranch({ generation: release.current }));
  const named = new Set(settings.filter((one) => !isPattern(one)).map(({ name }) => name));
  const othersThan = (own: readonly ChannelSettings[]) =>
    named.difference(new Set(own.map(({ name }) => name)));
  return [...Map.groupBy(settings, ({ source }) => source).values()]
    .flatMap((own) =>
      presentChannels(own, new Set(branches), { elsewhere: othersThan(own) }).channels
    )
    .filter(({ name }) => named.has(name) || isRecorded.has(name));
}
