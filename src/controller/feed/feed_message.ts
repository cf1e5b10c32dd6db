// SPDX-License-Identifier: Apache-2.0

import type { Abortable } from "../../runtime/ports.ts";
import type { LeftOutBranch, PresentChannel } from "../channels/channel_settings.ts";
import type { FeedSeed, Generation, PublishedContent } from "../publication/publication.ts";
import type { ChannelStatus, RegistryFailure } from "./channel_status.ts";
import type { FeedEvent } from "./feed_event.ts";

/** A channel has a new generation. */
export interface ChannelPublication {
  /** Tells it from the other messages. */
  readonly type: "channel";
  /** What is followed. */
  readonly channel: PresentChannel;
  /** What the gate made of its newest revision. */
  readonly generation: Generation;
  /** What of it is in no newest generation that was published before; see {@linkcode FeedSeed}. */
  readonly content: PublishedContent;
  /** How following it fares; without its Workflows, of which the receiver knows more. */
  readonly status: ChannelStatus;
}

/** A channel is there no more: its branch matches no pattern now. */
export interface ChannelGone {
  /** Tells it from the other messages. */
  readonly type: "gone";
  /** Its name. */
  readonly channel: string;
}

/** How following fares; comes after every attempt. */
export interface FeedReport {
  /** Tells it from the other messages. */
  readonly type: "report";
  /** Channels that are there, in the order in which their selectors count. */
  readonly channels: readonly PresentChannel[];
  /** Of the channels of which it is another than was told before. */
  readonly statuses: readonly ChannelStatus[];
  /** Sources of which no run so far knows the branches; absent: all were read. */
  readonly unread?: readonly UnreadSource[];
  /** Branches that match a pattern and get no channel; absent: of none. */
  readonly leftOut?: readonly LeftOutBranch[];
  /** Whether every source was tried since the start. */
  readonly wereAllTried: boolean;
  /** What happened since the report before, for metrics. */
  readonly events: readonly FeedEvent[];
  /** What is wrong now; absent when the last attempts went well. */
  readonly lastError?: RegistryFailure;
}

/** A source that was not read so far: nobody can say which of its branches are there. */
export interface UnreadSource {
  /** Name of the source. */
  readonly source: string;
  /** Why it could not be read; absent while it was not tried. */
  readonly reason?: string;
}

/** What a feed tells, in order. */
export type FeedMessage = ChannelPublication | ChannelGone | FeedReport;

/** Where a run of a feed begins. */
export interface FeedBeginning {
  /** Asked for while that which follows is being made ready; once in a run. */
  readonly seeds: () => Promise<readonly FeedSeed[]>;
}

/** Follows repositories, wherever that happens: in this thread or in a Worker. */
export interface DefinitionFeed {
  /**
   * Follows until aborted; rejects with the reason of the abort, or with a {@linkcode FeedError}
   * when that which follows broke down: then it may be run again. `receive` is awaited: the next
   * message comes when it has done with the one before, and the first one after the seeds.
   */
  run(
    receive: (message: FeedMessage) => Promise<void>,
    options: Abortable & FeedBeginning,
  ): Promise<void>;
  /** Makes the next polls due now. */
  wake(): void;
  /**
   * Something of a channel was taken back in the cluster, or allowed again: the gate goes on from
   * this generation, and lets nothing through that is refused.
   */
  goBack(seed: FeedSeed): void;
}

/** What follows repositories broke down; what is in force stays. */
export class FeedError extends Error {
  /** Always `FeedError`. */
  override readonly name = "FeedError";
  /**
   * Makes the error of a run.
   *
   * @param code What happened to it
   * @param message What broke down, and how
   * @param options Its cause
   */
  constructor(
    /** `crashed`, `out-of-memory`, or `silent`: it does not answer any more. */
    readonly code: "crashed" | "out-of-memory" | "silent",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
