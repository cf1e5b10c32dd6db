// SPDX-License-Identifier: Apache-2.0

import type { ChannelRules } from "../channels/channel_choice.ts";
import {
  type ChannelSettings,
  isPattern,
  type PresentChannel,
  presentChannels,
} from "../channels/channel_settings.ts";
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
): PresentRules {
  return {
    default: settings.default ?? settings.channels[0]?.name ?? "default",
    channels,
    usesNamespaces: settings.channels.length > 1 || settings.channels.some(isPattern),
  };
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
  return [...Map.groupBy(settings, ({ source }) => source).values()]
    .flatMap((own) => presentChannels(own, new Set(branches)).channels)
    .filter(({ name }) => named.has(name) || isRecorded.has(name));
}
