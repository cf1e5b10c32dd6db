// SPDX-License-Identifier: Apache-2.0

import {
  type JsonObject,
  type JsonValue,
  member,
  memberAt,
  type Outcome,
  type Program,
  type Workflow,
} from "../language/mod.ts";
import { identityKey, identityOfObject, MANAGED_RESOURCES, parseJson } from "../runtime/mod.ts";
import type { Call } from "./recording_cluster.ts";
import {
  runTestedWorkflow,
  type WorkflowRunEnd,
  type WorkflowState,
} from "./run_tested_workflow.ts";

/** What is rendered. */
export interface RenderRequest {
  readonly program: Program;
  readonly workflow: Workflow;
  /** The trigger. */
  readonly parent: JsonObject;
  /** What the cluster holds besides the trigger. */
  readonly resources: readonly JsonObject[];
  /** Most runs, at least 1. */
  readonly runs: number;
  /** Ends the runs: it rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** What a Workflow would do for a trigger (CONTRACTS: `koreo render -o json`). */
export interface Rendered {
  readonly workflow: string;
  readonly runs: number;
  /** Whether the last run wrote nothing and left the status as it was. */
  readonly stable: boolean;
  readonly outcome: Outcome;
  readonly steps: Readonly<Record<string, Outcome>>;
  readonly conditions: JsonValue;
  readonly state: JsonValue;
  readonly stateErrors: JsonValue;
  readonly managedResources: JsonValue;
  readonly calls: readonly JsonObject[];
  /** The managed objects after the last run. */
  readonly objects: readonly JsonObject[];
}

/**
 * Runs a Workflow for a trigger as a reconcile would, against an in-memory cluster, until it is
 * stable or has run as often as asked.
 */
export async function renderWorkflow(request: RenderRequest): Promise<Rendered> {
  const { program, workflow, parent, signal } = request;
  const context = { program, workflow, test: { parent }, signal };
  const given = new Set(request.resources.map(keyOf));
  const calls: JsonObject[] = [];
  let state: WorkflowState = { subject: parent, objects: request.resources };
  for (let runs = 1;; runs++) {
    const end = await runTestedWorkflow(context, state);
    calls.push(...end.calls.map(callJson));
    const stable = isStable(state, end);
    state = end.next;
    if (!stable && runs < request.runs) continue;
    const made = new Set(end.run ? managedKeys(end) : []);
    const objects = state.objects.filter((object) =>
      !given.has(keyOf(object)) || made.has(keyOf(object))
    );
    return { ...rendered(workflow, end), runs, stable, calls, objects };
  }
}

function rendered(workflow: Workflow, { outcome, run, status, next }: WorkflowRunEnd) {
  const steps = [...run?.steps ?? []].map(([label, { outcome }]) => [label, outcome] as const);
  const record = memberAt(next.subject, "metadata", "annotations", MANAGED_RESOURCES);
  return {
    workflow: workflow.id.name,
    outcome,
    steps: Object.fromEntries(steps),
    conditions: status.conditions ?? [],
    state: status.state ?? {},
    stateErrors: member(status.koreo, "state_errors") ?? {},
    managedResources: typeof record === "string" ? parseJson(record) ?? {} : {},
  };
}

const VERBS = { get: "GET", create: "POST", patch: "PATCH", delete: "DELETE" } as const;

function callJson(call: Call): JsonObject {
  const { apiVersion, kind, namespace, name } = call.resource;
  return {
    verb: VERBS[call.type],
    apiVersion,
    kind,
    ...namespace === undefined ? {} : { namespace },
    name,
    ..."body" in call ? { body: call.body } : {},
  };
}

function isStable(before: WorkflowState, { writes, next }: WorkflowRunEnd): boolean {
  return writes.length === 0 && statusText(before.subject) === statusText(next.subject);
}

/** State and conditions without times (FW-20). */
function statusText(trigger: JsonObject): string {
  const status = member(trigger, "status") ?? null;
  return JSON.stringify(
    status,
    (key, value) =>
      /^last(Transition|Update)Time$/.test(key)
        ? undefined
        : typeof value === "bigint"
        ? `${value}`
        : value,
  );
}

function managedKeys({ calls }: WorkflowRunEnd): readonly string[] {
  return calls.map(({ resource }) => identityKey(resource));
}

function keyOf(object: JsonObject): string {
  return identityKey(identityOfObject(object));
}
