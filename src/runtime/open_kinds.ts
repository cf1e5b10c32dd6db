// SPDX-License-Identifier: Apache-2.0

import type { Outcome, Program, Workflow } from "../language/mod.ts";
import { isRootedInSkip } from "./dependency_outcome.ts";
import { groupOf } from "./resource_identity.ts";
import type { LogicResult, StepResult } from "./step_record.ts";
import { type Logic, logicsOf, planWorkflow, type WorkflowPlan } from "./workflow_plan.ts";

/** Whether nothing more is to be expected of a step with this outcome (CL-7). */
export function isSettled(outcome: Outcome): boolean {
  return outcome.type === "Ok" || isRootedInSkip(outcome);
}

/** Kinds of objects that steps without a result could still produce (CL-8). */
export interface OpenKinds {
  has(resource: { readonly apiVersion: string; readonly kind: string }): boolean;
}

/** What the open steps of a run could produce. */
export function openKinds(
  program: Program,
  workflow: Workflow,
  steps: ReadonlyMap<string, StepResult>,
): OpenKinds {
  const found: Found = { kinds: new Set(), seen: new Set(), isUnknown: false };
  const plan = planWorkflow(program, workflow);
  if (plan.type === "plan") collectOpen(program, { plan, steps }, found);
  else found.isUnknown = true;
  return {
    has: ({ apiVersion, kind }) => found.isUnknown || found.kinds.has(kindKey(apiVersion, kind)),
  };
}

interface Found {
  readonly kinds: Set<string>;
  readonly seen: Set<Logic>;
  /** Something that cannot be looked into is open: it could produce anything. */
  isUnknown: boolean;
}

function collectOpen(
  program: Program,
  of: { readonly plan: WorkflowPlan; readonly steps: ReadonlyMap<string, StepResult> },
  found: Found,
): void {
  for (const { step, logic } of of.plan.steps) {
    const result = of.steps.get(step.label);
    for (const one of result?.items ?? (result ? [result] : [])) {
      if (one.workflow) collectSub(program, one.workflow, found);
      else if (isOpen(one)) {
        for (const candidate of logicsOf(logic)) collectKinds(program, candidate, found);
      }
    }
  }
}

function isOpen({ outcome, resourceId }: LogicResult): boolean {
  return resourceId === undefined && !isSettled(outcome);
}

function collectSub(
  program: Program,
  sub: NonNullable<LogicResult["workflow"]>,
  found: Found,
): void {
  const workflow = program.find("Workflow", sub.name);
  const plan = workflow.type === "ready" ? planWorkflow(program, workflow.definition) : undefined;
  if (plan?.type === "plan") collectOpen(program, { plan, steps: sub.steps }, found);
  else found.isUnknown = true;
}

/** Everything that Logic could produce, through switch cases and sub-Workflows. */
function collectKinds(program: Program, logic: Logic, found: Found): void {
  if (found.seen.has(logic)) return;
  found.seen.add(logic);
  if (logic.type === "ResourceFunction") {
    found.kinds.add(kindKey(logic.apiConfig.apiVersion, logic.apiConfig.kind));
  } else if (logic.type === "Workflow") {
    const plan = planWorkflow(program, logic);
    if (plan.type === "unready") found.isUnknown = true;
    else {for (const step of plan.steps) {
        for (const one of logicsOf(step.logic)) collectKinds(program, one, found);
      }}
  }
}

function kindKey(apiVersion: string, kind: string): string {
  return `${groupOf(apiVersion)}/${kind}`;
}
