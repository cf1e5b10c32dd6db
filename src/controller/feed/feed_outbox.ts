// SPDX-License-Identifier: Apache-2.0

import type { FeedEvent } from "./feed_event.ts";
import { generationOf } from "./generation.ts";
import { createContentHoldings } from "../publication/content_holdings.ts";
import type { ChannelStatus } from "./channel_status.ts";
import { channelStatus, type ProgramRegistry } from "./program_registry.ts";
import type { FeedSeed, PublishedContent } from "../publication/publication.ts";
import type { FeedMessage, FeedReport } from "./feed_message.ts";
import type { FollowedChannel } from "./followed_channels.ts";

/** What a feed has to tell: of each channel the newest alone, made when its turn comes. */
export interface FeedOutbox {
  /** A channel has something new, or is gone. */
  changed(channel: string): void;
  /** An attempt to bring a source up to date came to its end. */
  attempted(): void;
  /** A channel that is there goes on from a generation, which counts as published. */
  wentBack(seed: FeedSeed): void;
  /** The next message; `undefined` when there is nothing to tell. */
  next(): FeedMessage | undefined;
}

/** The followed channels that an outbox tells of. */
export type ToldRegistry = Pick<
  ProgramRegistry,
  "followed" | "channels" | "leftOut" | "unread" | "lastError" | "wereAllTried"
>;

/** Makes an outbox whose receiver holds what the seeds are made of. */
export function createFeedOutbox(
  registry: () => ToldRegistry,
  seeds: readonly FeedSeed[],
  takeEvents: () => readonly FeedEvent[],
): FeedOutbox {
  const waiting = new Set<string>();
  const holdings = createContentHoldings();
  const told = new Map<string, string>();
  let isReportDue = false;

  function channelMessage(name: string): FeedMessage | undefined {
    const followed = registry().followed(name);
    if (followed === undefined) {
      holdings.replace(name, []);
      told.delete(name);
      return { type: "gone", channel: name };
    }
    const whole = generationOf(followed);
    if (whole === undefined) return undefined;
    const { added } = holdings.replace(name, whole.content.programs);
    const { generation, content } = whole;
    const status = statusIfNew(followed) ?? statusOf(followed);
    const { settings: channel } = followed;
    return { type: "channel", channel, generation, content: only(added, content), status };
  }

  function report(): FeedReport {
    const { lastError, leftOut } = registry();
    return {
      type: "report",
      channels: registry().channels().map(({ settings }) => settings),
      statuses: registry().channels().flatMap((channel) => statusIfNew(channel) ?? []),
      ...(leftOut.length === 0 ? {} : { leftOut }),
      unread: registry().unread,
      wereAllTried: registry().wereAllTried,
      events: takeEvents(),
      ...(lastError === undefined ? {} : { lastError }),
    };
  }

  function statusIfNew(channel: FollowedChannel): ChannelStatus | undefined {
    const { settings: { name }, head, failure, loaded } = channel;
    const mark = `${head} ${loaded?.revision} ${failure?.message}`;
    if (told.get(name) === mark) return undefined;
    told.set(name, mark);
    return statusOf(channel);
  }

  const hold = (seed: FeedSeed) => void holdings.replace(seed.channel, seed.programs);
  seeds.forEach(hold);
  return {
    wentBack(seed) {
      // Of a channel that is gone its receiver holds nothing any more.
      if (registry().followed(seed.channel) === undefined) return;
      // What was about to be told was decided from something else: it is decided anew first.
      waiting.delete(seed.channel);
      hold(seed);
    },
    changed: (channel) => void waiting.add(channel),
    attempted: () => void (isReportDue = true),
    next() {
      for (const name of waiting) {
        waiting.delete(name);
        const message = channelMessage(name);
        if (message !== undefined) return message;
      }
      if (!isReportDue) return undefined;
      isReportDue = false;
      return report();
    },
  };
}

/** So many diagnostics of a channel are told: they cross to another thread. */
const MAX_DIAGNOSTICS = 100;

/** What is in force, and so what of the Workflows, is for the receiver to say. */
function statusOf(channel: FollowedChannel): ChannelStatus {
  const { diagnostics, ...status } = channelStatus(channel);
  return { ...status, diagnostics: diagnostics.slice(0, MAX_DIAGNOSTICS), workflows: [] };
}

function only(ids: ReadonlySet<string>, content: PublishedContent): PublishedContent {
  return {
    programs: content.programs.filter(({ id }) => ids.has(id)),
    documents: content.documents.filter(({ id }) => ids.has(id)),
  };
}
