// SPDX-License-Identifier: Apache-2.0

import type { Caller, Reference } from "./caller.ts";
import type { BrokenDefinition, StepError, Workflow } from "./definition.ts";
import { compareDiagnostics, diagnosticAt, type Finding } from "./report_diagnostic.ts";
import type { Resolved, Resolver } from "./link.ts";
import type { Slices } from "./slices.ts";

/** LM-13 */
const MAX_DEPTH = 16;

/** A Workflow that cannot run for what it reaches. */
export interface WorkflowFault {
  readonly workflow: Workflow;
  readonly broken: BrokenDefinition;
}

interface Call {
  readonly caller: Caller;
  readonly reference: Reference;
  readonly target: Resolved;
}

/** Finds Workflows that reach themselves (`workflow-cycle`) or reach too deep (LM-13). */
export function* workflowFaults(
  workflows: readonly Resolved[],
  resolver: Resolver,
): Slices<readonly WorkflowFault[]> {
  const calls = new Map(
    workflows.map((each) => [each.definition, callsOf(each, resolver)] as const),
  );
  const depths = new Map<Resolved["definition"], number>();
  const faults: WorkflowFault[] = [];
  for (const { definition } of workflows) {
    yield;
    if (definition.type !== "Workflow") continue;
    const fault = workflowFault(definition, { calls, depths });
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

function workflowFault(workflow: Workflow, search: DepthSearch): WorkflowFault | undefined {
  const cycle = findCycle(workflow, search.calls);
  if (cycle) return brokenWorkflow(workflow, cycle[0], cycleFinding(workflow, cycle));
  const deepest = deepestCall(workflow, search);
  if (deepest === undefined || deepest.depth !== MAX_DEPTH + 1) return undefined;
  return brokenWorkflow(workflow, deepest.call, TOO_DEEP);
}

function callsOf({ document }: Resolved, resolver: Resolver): readonly Call[] {
  return document.callers.flatMap((caller) =>
    caller.references.flatMap((reference) => {
      if (reference.kind !== "Workflow") return [];
      const target = resolver.resolve("Workflow", reference.name);
      return target?.definition.type === "Workflow" ? [{ caller, reference, target }] : [];
    })
  );
}

type Calls = ReadonlyMap<Resolved["definition"], readonly Call[]>;

/** The shortest way from a Workflow back to itself, as calls. */
function findCycle(start: Workflow, calls: Calls): readonly Call[] | undefined {
  const seen = new Set<Resolved["definition"]>();
  let ways: readonly (readonly Call[])[] = (calls.get(start) ?? []).map((call) => [call]);
  while (ways.length > 0) {
    const next: Call[][] = [];
    for (const way of ways) {
      const end = way.at(-1)?.target.definition;
      if (end === start) return way;
      if (end === undefined || seen.has(end)) continue;
      seen.add(end);
      next.push(...(calls.get(end) ?? []).map((call) => [...way, call]));
    }
    ways = next;
  }
  return undefined;
}

function cycleFinding(start: Workflow, cycle: readonly Call[]): Finding {
  const names = [start.id.name, ...cycle.map(({ target }) => target.definition.id.name)];
  return {
    code: "workflow-cycle",
    message: `Cannot run Workflow "${start.id.name}": it reaches itself: ${names.join(" -> ")}`,
    related: cycle.slice(1).map(({ reference }) => ({
      file: reference.spot.file,
      line: reference.spot.line,
      column: reference.spot.column,
      message: `this step runs Workflow "${reference.name}"`,
    })),
  };
}

const TOO_DEEP: Finding = {
  code: "workflow-too-deep",
  message:
    `Cannot run this Workflow: its sub-Workflows are nested more than ${MAX_DEPTH} levels deep`,
};

interface DepthSearch {
  readonly calls: Calls;
  readonly depths: Map<Resolved["definition"], number>;
}

/** The call that leads deepest; Workflows on a cycle count as leaves. */
function deepestCall(start: Workflow, search: DepthSearch) {
  let deepest: { readonly call: Call; readonly depth: number } | undefined;
  for (const call of search.calls.get(start) ?? []) {
    const depth = 1 + depthOf(call.target.definition, search);
    if (deepest === undefined || depth > deepest.depth) deepest = { call, depth };
  }
  return deepest;
}

function depthOf(definition: Resolved["definition"], search: DepthSearch): number {
  const known = search.depths.get(definition);
  if (known !== undefined || definition.type !== "Workflow") return known ?? 0;
  search.depths.set(definition, 0);
  const depth = Math.min(deepestCall(definition, search)?.depth ?? 0, MAX_DEPTH + 2);
  search.depths.set(definition, depth);
  return depth;
}

function brokenWorkflow(
  workflow: Workflow,
  call: Call | undefined,
  finding: Finding,
): WorkflowFault {
  const { id, digest, source, crdRef } = workflow;
  const diagnostic = diagnosticAt(call?.reference.spot ?? source, finding);
  const step = call?.caller.step;
  const error: StepError = {
    ...(step ? { label: step.label } : {}),
    isConfigStep: step?.isConfigStep ?? false,
    message: diagnostic.message,
    diagnostic,
  };
  const diagnostics = [diagnostic].sort(compareDiagnostics);
  const told = { ...(crdRef ? { crdRef } : {}), stepErrors: [error] };
  return { workflow, broken: { type: "Broken", id, digest, source, diagnostics, workflow: told } };
}
