// SPDX-License-Identifier: Apache-2.0

import {
  behaviourKey,
  type Refusal,
  refusedBehaviours,
  type WorkflowBehaviour,
} from "../gate/refusal.ts";
import { behaviourChanges } from "../gate/workflow_changes.ts";
import type { Generation } from "../publication/publication.ts";

/** So many refusals are remembered. */
const MAX_REFUSED = 20;

/** What runs otherwise in a generation than in the one before, and how. */
export function changedBehaviours(
  before: Generation,
  after: Generation,
): readonly WorkflowBehaviour[] {
  const digests = new Map(after.workflows.map(({ name, inForce }) => [name, inForce?.digest]));
  return behaviourChanges(before.workflows, after.workflows)
    .map((name) => ({ name, digest: digests.get(name) ?? null }));
}

/** Whether all of these are among others. */
export function areAmong(
  others: readonly WorkflowBehaviour[],
  these: readonly WorkflowBehaviour[],
): boolean {
  const keys = new Set(others.map(behaviourKey));
  return these.every((one) => keys.has(behaviourKey(one)));
}

/**
 * Refuses what runs otherwise in what is taken back than in what is gone back to: the rest of it
 * goes on, or is nobody's fault.
 */
export function refuse(
  refused: readonly Refusal[],
  { reason, at }: Pick<Refusal, "reason" | "at">,
  { target, taken }: { readonly target: Generation; readonly taken: readonly Generation[] },
): readonly Refusal[] {
  return taken.reduce((known, generation) => {
    const { revision } = generation;
    const changed = changedBehaviours(target, generation);
    if (changed.length === 0) return known;
    // The same commits may have been something else under other settings.
    const before = known.find((one) => one.revision === revision)?.workflows ?? [];
    const workflows = [...before.filter((one) => !areAmong(changed, [one])), ...changed];
    const others = known.filter((one) => one.revision !== revision);
    return [...others, { revision, reason, at, workflows }];
  }, refused).slice(-MAX_REFUSED);
}

/** What stays refused when one refusal is lifted: its behaviours are so by no other one either. */
export function liftedFrom(refused: readonly Refusal[], lifted: Refusal): readonly Refusal[] {
  const keys = new Set((lifted.workflows ?? []).map(behaviourKey));
  return refused.flatMap((one) => {
    if (one === lifted) return [];
    if (one.workflows === undefined) return [one];
    const workflows = one.workflows.filter((behaviour) => !keys.has(behaviourKey(behaviour)));
    return workflows.length === 0 ? [] : [{ ...one, workflows }];
  });
}

/** Whether something was taken back with a revision. */
export function isRefused(
  { refused }: { readonly refused: readonly Refusal[] },
  revision: string,
): boolean {
  return refused.some((refusal) => refusal.revision === revision);
}

/**
 * What refuses a generation: something of it was taken back. What is in force may stand there all the
 * same, as a branch that goes back and forth leaves a Workflow on a commit that comes to be refused.
 *
 * @returns `undefined` when it may be put in force
 */
export function refusalOf(
  { refused, current }: { readonly refused: readonly Refusal[]; readonly current: Generation },
  generation: Generation,
): Refusal | undefined {
  const changes = changedBehaviours(current, generation);
  const behaviours = refusedBehaviours(refused);
  const found = changes.map((change) => behaviours.of(change)).find((one) => one !== undefined);
  if (found !== undefined) return found;
  const moved = new Set(changes.map(({ name }) => name));
  const revisions = generation.workflows.flatMap(({ name, inForce }) =>
    inForce !== undefined && moved.has(name) ? [inForce.revision] : []
  );
  const asSuch = new Set([generation.revision, ...revisions]);
  return refused.find((one) => one.workflows === undefined && asSuch.has(one.revision));
}
