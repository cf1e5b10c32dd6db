// SPDX-License-Identifier: Apache-2.0

import {
  type BrokenDefinition,
  type Definition,
  type Diagnostic,
  type JsonObject,
  memberAt,
  type Program,
  type Retry,
  type Workflow,
} from "../language/mod.ts";
import { groupOf, versionOf } from "./resource_identity.ts";

/** Annotation or label of a trigger with the name of its Workflow (TR-2). */
export const WORKFLOW = "koreo.dev/workflow";

/** Why a trigger has no Workflow to run (TR-11 to TR-16). */
export type LookupReason =
  | "NoWorkflow"
  | "MultipleWorkflows"
  | "WorkflowNotReady"
  | "WorkflowNotInCache"
  | "UnknownChannel"
  | "ChannelNotReady";

/** A lookup that found nothing to run: a condition on the trigger, and a retry (TR-17). */
export interface FailedLookup {
  /** Tells it from a Workflow that was found. */
  readonly type: "failed";
  /** Reason of the condition. */
  readonly reason: LookupReason;
  /** Message of the condition, and of the outcome. */
  readonly message: string;
}

/** The Workflow of a trigger. */
export type WorkflowLookup =
  /** Broken only in its steps: running it gives the outcome of WF-32a. */
  | { readonly type: "found"; readonly workflow: Workflow | BrokenDefinition }
  | FailedLookup;

/** A kind of triggers, as a `crdRef` names it (WF-1). */
export interface TriggerKind {
  readonly apiGroup: string;
  readonly version: string;
  readonly kind: string;
}

type AnyWorkflow = Workflow | BrokenDefinition;

/** What Workflows are looked up in: a Program, or what a channel has in force. Immutable. */
export type WorkflowSource = Pick<Program, "definitions" | "winner">;

/** The Workflow that a trigger makes run (TR-10 to TR-14). */
export function workflowFor(program: WorkflowSource, trigger: JsonObject): WorkflowLookup {
  const kind = triggerKindOf(trigger);
  const named = annotationOrLabel(trigger, WORKFLOW);
  if (named !== undefined) {
    const winner = program.winner("Workflow", named);
    if (isWorkflow(winner)) return readyOrNot(winner, "User-specified Workflow");
    const message = `Failed to find User Requested Workflow (${named}) for \`${
      triggerKindText(kind)
    }\``;
    return { type: "failed", reason: "NoWorkflow", message };
  }
  const matching = workflowsByKind(program).get(kindKey(kind)) ?? [];
  const [first] = matching;
  if (!first) {
    const message = `Failed to find Workflow for \`${triggerKindText(kind)}\``;
    return { type: "failed", reason: "NoWorkflow", message };
  }
  if (matching.length === 1) return readyOrNot(first, "Workflow");
  const names = matching.map(({ id }) => id.name).join(",");
  const message = `Multiple Workflows attempted to run (${names})`;
  return { type: "failed", reason: "MultipleWorkflows", message };
}

/** The outcome of a run whose lookup failed (TR-17). */
export function lookupOutcome(failed: FailedLookup): Retry {
  return { type: "Retry", delaySeconds: 120, message: failed.message };
}

/** TR-15. */
export function vanishedWorkflow(name: string): FailedLookup {
  const message = `Could not load Workflow \`${name}\`.`;
  return { type: "failed", reason: "WorkflowNotInCache", message };
}

/** TR-16. */
export function unknownChannel(name: string): FailedLookup {
  const message = `Channel '${name}' is not configured.`;
  return { type: "failed", reason: "UnknownChannel", message };
}

/** TR-16a. */
export function channelNotReady(name: string, why?: string): FailedLookup {
  const message = `Channel '${name}' has no definitions yet${why === undefined ? "" : `: ${why}`}.`;
  return { type: "failed", reason: "ChannelNotReady", message };
}

/** The kinds of triggers that the Workflows of a Program name, each once (TR-10). */
export function triggerKinds(program: WorkflowSource): readonly TriggerKind[] {
  return [...workflowsByKind(program).values()].flatMap(([first]) => {
    const crdRef = first && crdRefOf(first);
    return crdRef ? [crdRef] : [];
  });
}

/** A value that stands as annotation or label; the annotation counts (TR-9). */
export function annotationOrLabel(trigger: JsonObject, key: string): string | undefined {
  const annotation = memberAt(trigger, "metadata", "annotations", key);
  if (typeof annotation === "string") return annotation;
  const label = memberAt(trigger, "metadata", "labels", key);
  return typeof label === "string" ? label : undefined;
}

/** TR-14: a Workflow that fails the schema check cannot be run at all. */
function readyOrNot(workflow: AnyWorkflow, words: string): WorkflowLookup {
  const fault = workflow.type === "Broken" ? schemaFault(workflow) : undefined;
  if (!fault) return { type: "found", workflow };
  const message = `${words} \`${workflow.id.name}\` not ready ${fault.message}.`;
  return { type: "failed", reason: "WorkflowNotReady", message };
}

/** The first diagnostic of a broken Workflow that has errors beside those of its steps. */
function schemaFault(broken: BrokenDefinition): Diagnostic | undefined {
  const stepErrors = broken.workflow?.stepErrors ?? [];
  const errors = broken.diagnostics.filter(({ severity }) => severity === "error");
  const isOnlyInSteps = stepErrors.length > 0 &&
    errors.every((error) => stepErrors.some(({ diagnostic }) => isSame(diagnostic, error)));
  return isOnlyInSteps ? undefined : errors[0] ?? broken.diagnostics[0];
}

function isSame(one: Diagnostic, other: Diagnostic): boolean {
  return one === other ||
    one.code === other.code && one.file === other.file && one.line === other.line &&
      one.column === other.column && one.message === other.message;
}

/** Sources are immutable, so that an index holds as long as its source lives. */
const indexes = new WeakMap<WorkflowSource, ReadonlyMap<string, readonly AnyWorkflow[]>>();

/** The Workflows that count, by the kind of their triggers; those of one kind by name. */
function workflowsByKind(program: WorkflowSource): ReadonlyMap<string, readonly AnyWorkflow[]> {
  let index = indexes.get(program);
  if (!index) indexes.set(program, index = indexWorkflows(program));
  return index;
}

function indexWorkflows(program: WorkflowSource): ReadonlyMap<string, readonly AnyWorkflow[]> {
  const index = new Map<string, AnyWorkflow[]>();
  const names = new Set(program.definitions.filter(isWorkflow).map(({ id }) => id.name));
  for (const name of [...names].sort()) {
    const winner = program.winner("Workflow", name);
    const crdRef = isWorkflow(winner) ? crdRefOf(winner) : undefined;
    if (!isWorkflow(winner) || !crdRef) continue;
    const key = kindKey(crdRef);
    index.set(key, [...index.get(key) ?? [], winner]);
  }
  return index;
}

function isWorkflow(
  definition: Definition | BrokenDefinition | undefined,
): definition is AnyWorkflow {
  return definition?.type === "Workflow" ||
    definition?.type === "Broken" && definition.id.kind === "Workflow";
}

function crdRefOf(workflow: AnyWorkflow): TriggerKind | undefined {
  return workflow.type === "Broken" ? workflow.workflow?.crdRef : workflow.crdRef;
}

function triggerKindOf(trigger: JsonObject): TriggerKind {
  const apiVersion = String(trigger.apiVersion ?? "");
  return {
    apiGroup: groupOf(apiVersion),
    version: versionOf(apiVersion),
    kind: String(trigger.kind ?? ""),
  };
}

function kindKey({ apiGroup, version, kind }: TriggerKind): string {
  return `${apiGroup}/${version}/${kind}`;
}

/** `<group>:<Kind>:<version>`. */
function triggerKindText({ apiGroup, version, kind }: TriggerKind): string {
  return `${apiGroup}:${kind}:${version}`;
}
