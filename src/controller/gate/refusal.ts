// SPDX-License-Identifier: Apache-2.0

import type { TakenBack } from "../channels/channels.ts";

/** A generation that was tried or in force, and taken back: its Workflows must not run so again. */
export interface Refusal extends TakenBack {
  /** What of it was taken back. Absent in records of old: then the revision alone is refused. */
  readonly workflows?: readonly WorkflowBehaviour[];
}

/** What runs of a Workflow. */
export interface WorkflowBehaviour {
  /** Name of the Workflow. */
  readonly name: string;
  /** `Program.reachDigest`: equal digest, equal behaviour; `null`: there was none of that name. */
  readonly digest: string | null;
}

/** What was taken back, by what a Workflow would run. */
export interface RefusedBehaviours {
  /** The newest refusal of what a Workflow would run; `null` for none of that name. */
  of(behaviour: WorkflowBehaviour): Refusal | undefined;
}

/** Makes refusals fit for many questions. */
export function refusedBehaviours(refused: readonly Refusal[]): RefusedBehaviours {
  const found = new Map<string, Refusal>();
  for (const refusal of refused) {
    for (const behaviour of refusal.workflows ?? []) found.set(behaviourKey(behaviour), refusal);
  }
  return { of: (behaviour) => found.get(behaviourKey(behaviour)) };
}

/** Whether nothing is known of what was taken back but this revision. */
export function isRefusedAsSuch(refused: readonly Refusal[], revision: string): boolean {
  return refused.some((one) => one.revision === revision && one.workflows === undefined);
}

/** One text per behaviour. */
export function behaviourKey({ name, digest }: WorkflowBehaviour): string {
  return digest === null ? `gone ${name}` : `runs ${digest} ${name}`;
}
