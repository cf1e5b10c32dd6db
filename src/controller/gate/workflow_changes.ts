// SPDX-License-Identifier: Apache-2.0

import { type CrdRef, crdRefKey } from "../channels/channels.ts";

/** A Workflow as far as the triggers that it is for could notice what happens to it. */
export interface NoticedWorkflow {
  readonly name: string;
  readonly crdRef?: CrdRef;
  /** Equal digest, equal behaviour. */
  readonly inForce?: { readonly digest: string };
  readonly heldBack?: { readonly reason: string };
}

/** Names of the Workflows that behave or are explained differently, sorted. */
export function noticedChanges(
  before: Iterable<NoticedWorkflow>,
  after: Iterable<NoticedWorkflow>,
): readonly string[] {
  return changedBy(signature, before, after);
}

/** Names of the Workflows of which something else runs, sorted. */
export function behaviourChanges(
  before: Iterable<NoticedWorkflow>,
  after: Iterable<NoticedWorkflow>,
): readonly string[] {
  return changedBy(({ inForce }) => inForce?.digest, before, after);
}

function changedBy(
  aspect: (workflow: NoticedWorkflow) => string | undefined,
  before: Iterable<NoticedWorkflow>,
  after: Iterable<NoticedWorkflow>,
): readonly string[] {
  const aspects = (workflows: Iterable<NoticedWorkflow>) =>
    new Map([...workflows].map((workflow) => [workflow.name, aspect(workflow)]));
  const [old, next] = [aspects(before), aspects(after)];
  return [...new Set([...old.keys(), ...next.keys()])]
    .filter((name) => old.get(name) !== next.get(name))
    .sort();
}

function signature({ crdRef, inForce, heldBack }: NoticedWorkflow): string {
  if (inForce !== undefined) return `runs ${inForce.digest}`;
  return `waits ${crdRef === undefined ? "" : crdRefKey(crdRef)} ${heldBack?.reason ?? ""}`;
}
