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

/** Refusals that were made fit before: of thousands of Workflows that takes its time. */
const behavioursOf = new WeakMap<readonly Refusal[], RefusedBehaviours>();

/** Makes refusals fit for many questions. */
export function refusedBehaviours(refused: readonly Refusal[]): RefusedBehaviours {
  const known = behavioursOf.get(refused);
  if (known !== undefined) return known;
  const found = new Map<string, Refusal>();
  for (const refusal of refused) {
    for (const behaviour of refusal.workflows ?? []) found.set(behaviourKey(behaviour), refusal);
  }
  const made: RefusedBehaviours = { of: (behaviour) => found.get(behaviourKey(behaviour)) };
  behavioursOf.set(refused, made);
  return made;
}

/** Whether nothing is known of what was taken back but this revision. */
export function isRefusedAsSuch(refused: readonly Refusal[], revision: string): boolean {
  return refused.some((one) => one.revision === revision && one.workflows === undefined);
}

/** One text per behaviour. */
export function behaviourKey({ name, digest }: WorkflowBehaviour): string {
  return digest === null ? `gone ${name}` : `runs ${digest} ${name}`;
}

/** The command that allows again what was taken back, in quotes. */
export function promoteCommand(channel: string, { revision }: Pick<Refusal, "revision">): string {
  return `"koreo promote ${channel} --revision ${shellWord(revision)}"`;
}

/** Whoever may push chooses the name of a branch: it is pasted into a shell as it is. */
function shellWord(text: string): string {
  return /^[\w@:+/.,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
