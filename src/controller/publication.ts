// SPDX-License-Identifier: Apache-2.0

/**
 * What is in force, as plain data: it crosses from the thread that follows repositories to the one
 * that reconciles, and it is what the record in the cluster holds.
 *
 * Data flows one way: a {@linkcode DefinitionFeed} fetches, compiles, tests and decides (the gate),
 * and publishes *generations*; the registry of the reconciling thread compiles what is new in one
 * and decides which of its generations a trigger runs from (the canary); the record keeps them.
 * Only two words go back: `wake`, and `goBack` to an earlier generation.
 *
 * @module
 */

import type { FeedEvent } from "./feed_event.ts";
import type { Abortable } from "../runtime/ports.ts";
import type { PresentChannel } from "./channel_settings.ts";
import type { CrdRef, HeldBack } from "./channels.ts";
import type { RegistryFailure } from "./source_poll.ts";
import type { ChannelStatus } from "./program_registry.ts";

/** One document of a definition file. */
export interface PublishedDocument {
  /** Equal exactly for the same text at the same place. */
  readonly id: string;
  /** Relative to the root of the repository. */
  readonly file: string;
  /** Where the text begins in its file; 1-based. */
  readonly line: number;
  /** Without the markers between documents. */
  readonly text: string;
}

/** What a Program is compiled from. */
export interface PublishedProgram {
  /** Equal exactly when all the rest is. */
  readonly id: string;
  /** Namespace of documents that name none (SD-6). */
  readonly namespace: string;
  /** The namespace priority list; without it SD-17 holds. */
  readonly priority?: readonly string[];
  /** Ids of the documents that Workflows run from. */
  readonly documents: readonly string[];
  /** Ids of its FunctionTests: nothing but the gate looks at them. */
  readonly tests?: readonly string[];
}

/** A Workflow of a generation. */
export interface PublishedWorkflow {
  /** Namespace of the definition. */
  readonly namespace: string;
  /** Name of the Workflow. */
  readonly name: string;
  /** As in force; of one that never was, as far as its document says. */
  readonly crdRef?: CrdRef;
  /** Absent when no revision of it was good so far. */
  readonly inForce?: {
    /** Id of the {@linkcode PublishedProgram} that it runs from. */
    readonly program: string;
    /** `main@sha1:<40 hex>`. */
    readonly revision: string;
    /** `Program.reachDigest`: equal digest, equal behaviour. */
    readonly digest: string;
    /** Unreadable contents of its revision. */
    readonly unreadable: readonly string[];
  };
  /** Absent when the newest revision runs. */
  readonly heldBack?: HeldBack;
}

/** What the gate made of one revision of a channel: each Workflow with what is in force of it. */
export interface Generation {
  /** The revision that was loaded: `beta@sha1:<40 hex>+main@sha1:<40 hex>`. */
  readonly revision: string;
  /** Author of the newest commit among its heads. */
  readonly author: string;
  /** First line of that commit's message. */
  readonly subject: string;
  /** All Workflows, by name. */
  readonly workflows: readonly PublishedWorkflow[];
}

/** What generations are made of. Whoever has seen a document or a Program once keeps it by its id. */
export interface PublishedContent {
  /** In no order. */
  readonly programs: readonly PublishedProgram[];
  /** In no order. */
  readonly documents: readonly PublishedDocument[];
}

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
  /** Whether every source was tried since the start. */
  readonly wereAllTried: boolean;
  /** What happened since the report before, for metrics. */
  readonly events: readonly FeedEvent[];
  /** What is wrong now; absent when the last attempts went well. */
  readonly lastError?: RegistryFailure;
}

/** What a feed tells, in order. */
export type FeedMessage = ChannelPublication | ChannelGone | FeedReport;

/**
 * The generation of a channel that the gate is to go on from.
 *
 * It counts as published: a receiver keeps the content of the newest generation of each channel,
 * published or seeded, until the next one of that channel or its end.
 */
export interface FeedSeed extends PublishedContent {
  /** Name of the channel. */
  readonly channel: string;
  /** What the gate made of it. */
  readonly generation: Generation;
  /** Revisions that were taken back: they are not offered while the heads stay there. */
  readonly refused?: readonly string[];
}

/** Follows repositories, wherever that happens: in this thread or in a Worker. */
export interface DefinitionFeed {
  /**
   * Follows until aborted; rejects with the reason of the abort, or with a {@linkcode FeedError}
   * when that which follows broke down: then it may be run again. `receive` is awaited: the next
   * message comes when it has done with the one before.
   */
  run(
    receive: (message: FeedMessage) => Promise<void>,
    options: Abortable & { readonly seeds: readonly FeedSeed[] },
  ): Promise<void>;
  /** Makes the next polls due now. */
  wake(): void;
  /**
   * The newest generation of a channel was refused in the cluster: the gate goes on from this
   * earlier one, and does not offer the refused revisions again.
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
