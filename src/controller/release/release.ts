// SPDX-License-Identifier: Apache-2.0

import type {
  Generation,
  PublishedContent,
  PublishedWorkflow,
} from "../publication/publication.ts";
import { behaviourChanges, noticedChanges } from "../gate/workflow_changes.ts";
import type { Refusal, WorkflowBehaviour } from "../gate/refusal.ts";
import {
  areAmong,
  changedBehaviours,
  isRefused,
  liftedFrom,
  refusalOf,
  refuse,
} from "./release_refusals.ts";

/** The generations of a channel between which its triggers are shared out. Immutable, plain data. */
export interface Release {
  /** What triggers run from that are in no canary. */
  readonly current: Generation;
  /** What a share of the triggers tries (canary); absent when none is under way. */
  readonly candidate?: Candidacy;
  /** Where a rollback goes back to; absent while there has been only one generation. */
  readonly previous?: Generation;
  /** What was rolled back, newest last: it does not run again unless somebody allows it. */
  readonly refused: readonly Refusal[];
  /** What somebody has allowed to run again: as soon as it is offered, it needs no canary. */
  readonly allowed?: readonly WorkflowBehaviour[];
  /** When what is in force was promoted, in milliseconds since 1970; absent where it was not. */
  readonly promotedAt?: number;
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

/**
 * Takes a generation that the gate let through.
 *
 * - The first one of a channel is in force at once, and so is any without a canary.
 * - One in which a Workflow would run as it did in what was taken back changes nothing: the gate
 *   did not know of it yet.
 * - One that behaves like what is in force takes its place, and ends a canary: its branch has gone
 *   back by itself.
 * - One that behaves like what is being tried takes its place there; the canary goes on.
 * - Where either is a revision that was taken back, of which the gate holds that back, it only tells
 *   so: what runs is still called as before, and that revision after what was taken back.
 * - One that brings nothing but what somebody has allowed again is in force at once.
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
  if (refusalOf(release, generation) !== undefined) return release;
  const changes = changedBehaviours(release.current, generation);
  if (changes.length === 0) return goOn(release, generation);
  const { candidate, allowed = [] } = release;
  if (canary === undefined || areAmong(allowed, changes)) return putInForce(release, generation);
  if (candidate !== undefined && behavesLike(candidate.generation, generation)) {
    const tried = movedAlong(release, candidate.generation, generation);
    const isSame = tried === candidate.generation;
    return isSame ? release : { ...release, candidate: { ...candidate, generation: tried } };
  }
  // Later than the one before in any case: that tells them apart.
  const startedAt = Math.max(canary.now, (candidate?.startedAt ?? 0) + 1);
  return { ...release, candidate: { generation, startedAt } };
}

/**
 * Puts in force what is being tried; without a canary nothing changes.
 *
 * @param order When, if it was decided; milliseconds since 1970
 */
export function promoteCandidate(release: Release, order?: { readonly at: number }): Release {
  const { candidate } = release;
  if (candidate === undefined) return release;
  const promoted = order === undefined ? {} : { promotedAt: order.at };
  return { ...putInForce(release, candidate.generation), ...promoted };
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
 * Takes back what is being tried, or else what is in force. However a Workflow behaved in what is
 * taken back, and not in what is gone back to, is refused from now on.
 *
 * @returns `undefined` when there is nothing to go back to, or that was taken back itself
 */
export function rollBack(release: Release, order: RollBackOrder): Release | undefined {
  const { current, candidate, previous, refused } = release;
  const tried = candidate === undefined ? [] : [candidate.generation];
  const to = targetOf(release, order.to);
  if (to === "current" && candidate !== undefined) {
    const { allowed: _, ...kept } = withoutCandidate(release);
    return { ...kept, refused: refuse(refused, order, { target: current, taken: tried }) };
  }
  if (to !== "previous" || previous === undefined) return undefined;
  if (refusalOf(release, previous) !== undefined) return undefined;
  const taken = [current, ...tried];
  return { current: previous, refused: refuse(refused, order, { target: previous, taken }) };
}

/** Two generations may be of one revision: it is decided anew once something of it is allowed. */
function targetOf(
  { current, candidate, previous }: Release,
  to: string | undefined,
): "current" | "previous" | undefined {
  if (to === undefined) return candidate === undefined ? "previous" : "current";
  if (to === current.revision) return "current";
  return to === previous?.revision ? "previous" : undefined;
}

/**
 * Allows what was taken back with a revision to run again: it goes in force when it is offered.
 *
 * @returns `undefined` when nothing was taken back with it
 */
export function liftRefusal(release: Release, revision: string): Release | undefined {
  const lifted = release.refused.find((one) => one.revision === revision);
  if (lifted === undefined) return undefined;
  const allowed = [...release.allowed ?? [], ...lifted.workflows ?? []];
  return { ...release, refused: liftedFrom(release.refused, lifted), allowed };
}

/**
 * What triggers run from that are in no canary, and what the newest revision holds back of it: that
 * is told at once, and not when the canary has ended.
 */
export function toldGeneration({ current, candidate }: Release): Generation {
  if (candidate === undefined) return current;
  const newest = new Map(candidate.generation.workflows.map((one) => [one.name, one]));
  const known = new Set(current.workflows.map(({ name }) => name));
  const own = current.workflows.flatMap(({ heldBack: _, ...running }): PublishedWorkflow[] => {
    const next = newest.get(running.name);
    if (running.inForce !== undefined) return [withRefusal(running, next?.heldBack)];
    // Of what never was in force there is the newest refusal, or none while it is tried.
    if (next === undefined) return [];
    return [next.inForce === undefined ? next : running];
  });
  const added = [...newest.values()].filter(({ name, inForce }) =>
    inForce === undefined && !known.has(name)
  );
  const workflows = [...own, ...added].sort((one, other) => one.name < other.name ? -1 : 1);
  return { ...current, workflows };
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
    outside: noticedChanges(
      before === undefined ? [] : toldGeneration(before).workflows,
      toldGeneration(after).workflows,
    ),
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

/** The branch has, or has again, what is in force. */
function goOn(release: Release, generation: Generation): Release {
  const { current, candidate } = release;
  const next = movedAlong(release, current, generation);
  if (candidate === undefined && next === current) return release;
  return { ...withoutCandidate(release), current: next };
}

/** A generation that behaves like another one takes its place, or is what was taken back in part. */
function movedAlong(
  { refused }: Pick<Release, "refused">,
  before: Generation,
  generation: Generation,
): Generation {
  if (!isRefused({ refused }, generation.revision)) return generation;
  const workflows = withHeldBack(before, generation);
  const isTold = JSON.stringify(workflows) === JSON.stringify(before.workflows);
  return isTold ? before : { ...before, workflows };
}

/** What runs, and what another generation that behaves like it says is held back. */
function withHeldBack(
  running: Generation,
  { workflows }: Generation,
): readonly PublishedWorkflow[] {
  const inForce = new Map(running.workflows.map((workflow) => [workflow.name, workflow]));
  return workflows.map((workflow) => {
    const { heldBack: _, ...own } = inForce.get(workflow.name) ?? workflow;
    return own.inForce === undefined ? workflow : withRefusal(own, workflow.heldBack);
  });
}

function withRefusal(
  workflow: PublishedWorkflow,
  heldBack: PublishedWorkflow["heldBack"],
): PublishedWorkflow {
  return heldBack === undefined ? workflow : { ...workflow, heldBack };
}
