// SPDX-License-Identifier: Apache-2.0

import type {
  BrokenDefinition,
  Definition,
  DefinitionKind,
  JsonObject,
  Workflow,
} from "../../language/mod.ts";
import {
  type FailedLookup,
  vanishedWorkflow,
  workflowFor,
  type WorkflowSource,
} from "../../runtime/mod.ts";
import type { ChannelState, ChannelWorkflow, HeldBack, InForce } from "./channels.ts";

/** What a trigger makes run: a Workflow and the one revision it runs from. */
export interface ChosenWorkflow extends InForce {
  readonly type: "chosen";
  readonly workflow: Workflow | BrokenDefinition;
}

/**
 * The Workflow that a trigger makes run in a channel (TR-10 to TR-15).
 *
 * Each Workflow of a channel has a Program of its own, so that the choice is made among what is in
 * force and the run then sees one revision.
 */
export function chooseWorkflow(
  channel: ChannelState,
  trigger: JsonObject,
): ChosenWorkflow | FailedLookup {
  const found = workflowFor(sourceOf(channel), trigger);
  if (found.type === "failed") return found;
  const { workflow } = found;
  const inForce = channel.programOf(workflow.id.name);
  return inForce === undefined
    ? vanishedWorkflow(workflow.id.name)
    : { type: "chosen", workflow, ...inForce };
}

/** States of channels are immutable: what was gathered holds as long as the state lives. */
const sources = new WeakMap<ChannelState, WorkflowSource>();

function sourceOf(channel: ChannelState): WorkflowSource {
  const known = sources.get(channel);
  if (known !== undefined) return known;
  const isChosenByKind = (workflow: ChannelWorkflow): boolean =>
    workflow.crdRef !== undefined && channel.workflowsFor(workflow.crdRef).includes(workflow);
  const byName = new Map(
    channel.workflows().map((workflow) => [workflow.name, definitionOf(workflow)]),
  );
  const source: WorkflowSource = {
    definitions: channel.workflows().filter(isChosenByKind).flatMap(({ name }) =>
      byName.get(name) ?? []
    ),
    winner: (kind: DefinitionKind, name: string) =>
      kind === "Workflow" ? byName.get(name) : undefined,
  };
  sources.set(channel, source);
  return source;
}

function definitionOf(workflow: ChannelWorkflow): Definition | BrokenDefinition {
  const { name, inForce } = workflow;
  return inForce?.program.winner("Workflow", name) ?? neverGood(workflow);
}

/** A Workflow of which no revision was good so far: its triggers are told why. */
function neverGood({ namespace, name, crdRef, heldBack }: ChannelWorkflow): BrokenDefinition {
  const place = { file: heldBack?.file ?? "", line: heldBack?.line ?? 1, column: 1 };
  const message = heldBack === undefined ? "no revision of it is in force" : refusal(heldBack);
  const workflow = crdRef === undefined ? { stepErrors: [] } : { crdRef, stepErrors: [] };
  return {
    type: "Broken",
    id: { kind: "Workflow", namespace, name },
    digest: "",
    source: place,
    diagnostics: [{ ...place, severity: "error", code: "held-back", message }],
    workflow,
  };
}

/** What a trigger is told that has nothing to run: why, where, and whose commit that was. */
function refusal({ revision, author, subject, reason, ...where }: HeldBack): string {
  const { file, line = 1, test, case: label } = where;
  const inTest = test === undefined || label === undefined ? "" : ` (case "${label}" of "${test}")`;
  const place = file === undefined ? "" : ` at ${file}:${line}`;
  return `${reason}${inTest}${place} in ${revision} ("${subject}" by ${author})`;
}
