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

import type { CrdRef, HeldBack } from "../channels/channels.ts";
import type { Refusal } from "../gate/refusal.ts";

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
  /**
   * Keys (`Kind/namespace/name`) of what is not taken from the lowest layer of its revision: layer by
   * layer, beginning with the one right above it. Absent where everything is.
   */
  readonly upper?: readonly (readonly string[])[];
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
  /** What was taken back: the gate lets none of it through again. */
  readonly refused?: readonly Refusal[];
}
