// SPDX-License-Identifier: Apache-2.0

import type { Generation, PublishedContent } from "./publication.ts";

/** The generations of a channel between which its triggers are shared out. Immutable, plain data. */
export interface Release {
  /** What triggers run from that are in no canary. */
  readonly current: Generation;
  /** What a share of the triggers tries (canary); absent when none is under way. */
  readonly candidate?: Candidacy;
  /** Where a rollback goes back to; absent while there has been only one generation. */
  readonly previous?: Generation;
  /** Revisions that were rolled back, newest last: the gate must not offer them again. */
  readonly refused: readonly Refusal[];
}

/** A generation that is being tried. */
export interface Candidacy {
  readonly generation: Generation;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** A generation that was tried or in force, and taken back. */
export interface Refusal {
  readonly revision: string;
  /** A sentence without a period. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Everything the record in the cluster holds of a channel. */
export interface ChannelRecord extends PublishedContent {
  readonly channel: string;
  readonly release: Release;
}

/** Keeps what is in force where a restart finds it. Methods reject with a `ClusterError`. */
export interface RecordStore {
  /** All channels that are recorded; a record that cannot be read is left out, and told. */
  load(options: { readonly signal: AbortSignal }): Promise<readonly ChannelRecord[]>;
  /** Replaces what is recorded of a channel; what was there before stays until all is written. */
  save(record: ChannelRecord, options: { readonly signal: AbortSignal }): Promise<void>;
  /** The channel is there no more. */
  remove(channel: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** Takes a generation that the gate let through. Without a canary it is in force at once. */
export function offerGeneration(release: Release | undefined, generation: Generation): Release {
  if (release === undefined) return { current: generation, refused: [] };
  return { current: generation, previous: release.current, refused: release.refused };
}
