// SPDX-License-Identifier: Apache-2.0

import type { Generation, PublishedContent } from "../publication/publication.ts";
import { behaviourChanges, noticedChanges } from "../gate/workflow_changes.ts";

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
  /** What is tried. */
  readonly generation: Generation;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** How the triggers that try it were before; absent until that was looked at. */
  readonly baseline?: CanaryBaseline;
}

/** Triggers that were not as they should be before a canary, by key; all others were. */
export interface CanaryBaseline {
  /** Had failed for good. */
  readonly failed: readonly string[];
  /** Were not Ready for another reason. */
  readonly unready: readonly string[];
}

/** A generation that was tried or in force, and taken back. */
export interface Refusal {
  /** `main@sha1:<40 hex>`. */
  readonly revision: string;
  /** A sentence without a period. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Everything the record in the cluster holds of a channel. */
export interface ChannelRecord extends PublishedContent {
  /** Name of the channel. */
  readonly channel: string;
  /** What is in force, tried and refused. */
  readonly release: Release;
}

/**
 * Keeps what is in force where a restart finds it. One call at a time.
 *
 * While the cluster is away its methods try again by themselves. Where there can be no record, as
 * they are not permitted to write it, they tell that once, and do nothing. They reject with the
 * reason of the abort.
 */
export interface RecordStore {
  /** All channels that are recorded; a record that cannot be read is left out, and told. */
  load(options: { readonly signal: AbortSignal }): Promise<readonly ChannelRecord[]>;
  /** Replaces what is recorded of a channel; what was there before stays until all is written. */
  save(record: ChannelRecord, options: { readonly signal: AbortSignal }): Promise<void>;
  /** The channel is there no more. */
  remove(channel: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** So many refusals are remembered. */
const MAX_REFUSED = 20;

/**
 * Takes a generation that the gate let through.
 *
 * - The first one of a channel is in force at once, and so is any without a canary.
 * - One that was refused changes nothing.
 * - One that behaves like what is in force takes its place, and ends a canary: its branch has gone
 *   back by itself.
 * - One that behaves like what is being tried takes its place there; the canary goes on.
 * - Any other is tried; one that was being tried is dropped for it.
 *
 * @param canary When a canary of the generation would begin; absent: it needs none
 */
export function offerGeneration(
  release: Release | undefined,
  generation: Generation,
  canary?: { readonly now: number },
): Release {
  if (release === undefined) return { current: generation, refused: [] };
  if (isRefused(release, generation.revision)) return release;
  if (behavesLike(release.current, generation)) {
    return { ...withoutCandidate(release), current: generation };
  }
  if (canary === undefined) return putInForce(release, generation);
  const { candidate } = release;
  if (candidate !== undefined && behavesLike(candidate.generation, generation)) {
    return { ...release, candidate: { ...candidate, generation } };
  }
  // Later than the one before in any case: that tells them apart.
  const startedAt = Math.max(canary.now, (candidate?.startedAt ?? 0) + 1);
  return { ...release, candidate: { generation, startedAt } };
}

/** Puts in force what is being tried; without a canary nothing changes. */
export function promoteCandidate(release: Release): Release {
  const { candidate } = release;
  return candidate === undefined ? release : putInForce(release, candidate.generation);
}

/** Where a rollback goes, and why. */
export interface RollBackOrder {
  /** A sentence without a period. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The revision to go back to; unless given one step: out of the canary, else to the previous. */
  readonly to?: string;
}

/**
 * Takes back what is being tried, or else what is in force. What is taken back is refused from now
 * on, until its branch moves.
 *
 * @returns `undefined` when there is nothing to go back to
 */
export function rollBack(release: Release, order: RollBackOrder): Release | undefined {
  const { current, candidate, previous } = release;
  const target = order.to ?? (candidate === undefined ? previous?.revision : current.revision);
  if (target === current.revision) {
    if (candidate === undefined) return undefined;
    return refuse(withoutCandidate(release), order, [candidate.generation.revision]);
  }
  if (previous === undefined || target !== previous.revision) return undefined;
  const tried = candidate === undefined ? [] : [candidate.generation.revision];
  const { previous: _, ...kept } = withoutCandidate(release);
  return refuse({ ...kept, current: previous }, order, [current.revision, ...tried]);
}

/** Whether a revision was taken back. */
export function isRefused({ refused }: Pick<Release, "refused">, revision: string): boolean {
  return refused.some((refusal) => refusal.revision === revision);
}

/**
 * Whether a Workflow of a generation would run from a revision that was taken back. What is in force
 * may do so: a branch that goes back and forth leaves a Workflow on a commit that comes to be refused.
 */
export function restsOnRefused(release: Release, { workflows }: Generation): boolean {
  const moved = new Set(behaviourChanges(release.current.workflows, workflows));
  return workflows.some(({ name, inForce }) =>
    inForce !== undefined && moved.has(name) && isRefused(release, inForce.revision)
  );
}

/** What a step from one release to the next changes for triggers. */
export interface ReleaseChange {
  /** Names of Workflows that triggers notice which are in no canary. */
  readonly outside: readonly string[];
  /** The same for those that are in the share of the canary. */
  readonly inside: readonly string[];
}

/** What triggers notice of a step: each runs from the candidate or from what is in force. */
export function releaseChange(before: Release | undefined, after: Release): ReleaseChange {
  return {
    outside: noticedChanges(before?.current.workflows ?? [], after.current.workflows),
    inside: noticedChanges(tried(before)?.workflows ?? [], tried(after)?.workflows ?? []),
  };
}

/** The Workflows that behave differently in a canary, by name. */
export function triedWorkflows({ current, candidate }: Release): readonly string[] {
  if (candidate === undefined) return [];
  return behaviourChanges(current.workflows, candidate.generation.workflows);
}

/** What triggers in the share of the canary run from. */
function tried(release: Release | undefined): Generation | undefined {
  return release?.candidate?.generation ?? release?.current;
}

function behavesLike(one: Generation, other: Generation): boolean {
  return behaviourChanges(one.workflows, other.workflows).length === 0;
}

function putInForce(release: Release, generation: Generation): Release {
  const { current, refused } = release;
  return { current: generation, previous: current, refused };
}

function withoutCandidate({ candidate: _, ...release }: Release): Release {
  return release;
}

function refuse(
  release: Release,
  { reason, at }: RollBackOrder,
  revisions: readonly string[],
): Release {
  const again = new Set(revisions);
  const others = release.refused.filter(({ revision }) => !again.has(revision));
  const refused = [...others, ...revisions.map((revision) => ({ revision, reason, at }))];
  return { ...release, refused: refused.slice(-MAX_REFUSED) };
}
