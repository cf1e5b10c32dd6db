// SPDX-License-Identifier: Apache-2.0

import {
  createBudget,
  evaluationFailure,
  type FunctionTest,
  isEvaluationFailure,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  mergeMaps,
  type Outcome,
  outcomeText,
  type Program,
  type ResourceOverlay,
  type TestCase,
  type Workflow,
} from "../language/mod.ts";
import {
  applyMergePatch,
  groupOf,
  identityOfObject,
  type KubernetesObject,
  MANAGED_RESOURCES,
  mergedByType,
  parentOf,
  type RunContext,
  runTrigger,
  runWorkflow,
} from "../runtime/mod.ts";
import {
  createRecordingCluster,
  isSameObject,
  type RecordingCluster,
  resourceName,
  type Write,
} from "./recording_cluster.ts";
import type { CaseEnd } from "./run_cases.ts";
import { createStabilityWatch } from "./stability.ts";
import { testClock } from "./test_clock.ts";
import { checkWorkflowAssertions, type ObservedWorkflow } from "./workflow_assertions.ts";
import type { Attempt } from "./write_log.ts";

/** What is carried from one case to the next (FW-14). */
export interface WorkflowState {
  /** The trigger; or, for a sub-Workflow, its inputs. */
  readonly subject: JsonObject;
  /** The cluster without the trigger. */
  readonly objects: readonly JsonObject[];
}

/** What all cases of a Workflow's test share. */
export interface WorkflowTestContext {
  readonly program: Program;
  readonly test: FunctionTest;
  readonly workflow: Workflow;
  readonly signal: AbortSignal;
}

/** The state of the first case. */
export function firstWorkflowState(test: FunctionTest): WorkflowState {
  return { subject: test.parent ?? test.inputs, objects: test.currentResources };
}

/** Runs one case of a Workflow's test (FW-14, FW-20). */
export async function runWorkflowCase(
  context: WorkflowTestContext,
  testCase: TestCase,
  carried: WorkflowState,
): Promise<CaseEnd<WorkflowState>> {
  const start = caseState(testCase, carried, context.test.parent !== undefined);
  if (start.type === "failed") return { pass: false, ...start.failure, next: carried };
  const isStable = testCase.assertions.some((assertion) => assertion.type === "stable");
  const settled = isStable
    ? await runUntilStable(context, start.state)
    : { run: await runOnce(context, start.state) };
  const { run, message: loop } = settled;
  const verdict = checkWorkflowAssertions(testCase.assertions, run);
  const end = { outcome: run.outcome, next: run.next };
  if (loop === undefined) return { ...verdict, ...end };
  return { ...verdict, ...end, pass: false, message: joined(loop, verdict.message) };
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join("\n");
}

/** The state of a case before the run, or why there is none. */
type CaseStart =
  | { readonly type: "ready"; readonly state: WorkflowState }
  | {
    readonly type: "failed";
    readonly failure: { readonly message: string; readonly outcome?: Outcome };
  };

/** FW-5 to FW-7. */
function caseState(testCase: TestCase, carried: WorkflowState, isTrigger: boolean): CaseStart {
  const { inputOverrides, currentResources, overlayResources = [] } = testCase;
  const subject = inputOverrides ? mergeMaps(carried.subject, inputOverrides) : carried.subject;
  let objects = currentResources ?? carried.objects;
  for (const entry of overlayResources) {
    const changed = overlaid(objects, entry, {
      label: testCase.label,
      parent: isTrigger ? parentOf(subject) : subject,
    });
    if ("message" in changed) return { type: "failed", failure: changed };
    objects = changed.objects;
  }
  return { type: "ready", state: { subject, objects } };
}

type Overlaid =
  | { readonly objects: readonly JsonObject[] }
  | { readonly message: string; readonly outcome?: Outcome };

/** FW-7, FW-13. */
function overlaid(
  objects: readonly JsonObject[],
  entry: ResourceOverlay,
  given: { readonly label: string; readonly parent: JsonObject },
): Overlaid {
  const index = objects.findIndex((one) => isSameObject(identityOfObject(one), entry.identity));
  const found = objects[index];
  if (entry.type === "absent") return { objects: objects.filter((_one, at) => at !== index) };
  if (!found) {
    const name = resourceName(entry.identity);
    return { message: `Cannot overlay ${name}: the cluster has no such object` };
  }
  const variables = { resource: found, template: found, parent: given.parent };
  const changed = entry.overlay.apply(found, variables, createBudget());
  if (!isEvaluationFailure(changed)) return { objects: objects.with(index, changed) };
  const outcome = evaluationFailure(`${given.label}:overlayResources`, changed);
  const text = outcomeText(outcome);
  return { message: `Could not run test case due to resource overlay error: (${text})`, outcome };
}

/** One run, with the state it leaves. */
export interface WorkflowRunEnd extends ObservedWorkflow {
  readonly next: WorkflowState;
  readonly attempts: readonly Attempt[];
}

/** How many runs a case may need to settle (FW-20). */
const MAX_RUNS = 300;

/** FW-20: runs until nothing changes; `message` tells why it never does. */
async function runUntilStable(
  context: WorkflowTestContext,
  start: WorkflowState,
): Promise<{ readonly run: WorkflowRunEnd; readonly message?: string }> {
  const { status } = context.test.parent ? start.subject : {};
  const watch = createStabilityWatch(isJsonObject(status) ? status : {});
  let run = await runOnce(context, start);
  for (let runs = 1;; runs++) {
    const verdict = watch.add(run);
    if (verdict === "settled") return { run };
    if (verdict === "looping" || runs >= MAX_RUNS) {
      return { run, message: [`Not stable after ${runs} runs`, ...watch.lines()].join("\n") };
    }
    run = await runOnce(context, run.next);
  }
}

function runOnce(context: WorkflowTestContext, state: WorkflowState): Promise<WorkflowRunEnd> {
  context.signal.throwIfAborted();
  return context.test.parent ? runForTrigger(context, state) : runAsSubWorkflow(context, state);
}

function runContext(
  context: WorkflowTestContext,
  cluster: RecordingCluster,
  attempts: Attempt[],
): RunContext {
  const { program, signal } = context;
  const observe: NonNullable<RunContext["trace"]>["observe"] = (event) => {
    if (event.type === "resource-decided") attempts.push(event);
  };
  return { program, signal, cluster, clock: testClock, budget: createBudget(), trace: { observe } };
}

/** FW-3: without a trigger there is nothing to write on, and nothing to clean up. */
async function runAsSubWorkflow(
  context: WorkflowTestContext,
  state: WorkflowState,
): Promise<WorkflowRunEnd> {
  const cluster = createRecordingCluster(state.objects);
  const attempts: Attempt[] = [];
  const run = await runWorkflow(
    context.workflow,
    { parent: state.subject },
    runContext(context, cluster, attempts),
  );
  const conditions = mergedByType(run.conditions).map((condition) => ({ ...condition }));
  return {
    outcome: run.outcome,
    writes: cluster.writes,
    status: { conditions, state: run.state },
    find: cluster.find,
    attempts,
    next: { subject: state.subject, objects: cluster.objects() },
  };
}

/** The run of a reconcile, with its writes on the trigger (FW-14). */
async function runForTrigger(
  context: WorkflowTestContext,
  state: WorkflowState,
): Promise<WorkflowRunEnd> {
  const trigger = state.subject as KubernetesObject;
  const identity = identityOfObject(trigger);
  const cluster = createRecordingCluster([...state.objects, trigger]);
  const attempts: Attempt[] = [];
  const result = await runTrigger({
    trigger,
    path: { ...identity, plural: `${identity.kind.toLowerCase()}s` },
    isCustomResource: isCustomKind(identity.apiVersion),
    workflow: context.workflow,
  }, runContext(context, cluster, attempts));
  const { metadataPatch, statusPatch } = result.update;
  const written = cluster.find(identity) ?? result.trigger;
  const after = applyMergePatch(written, {
    ...metadataPatch ? { metadata: metadataPatch } : {},
    ...statusPatch ? { status: statusPatch } : {},
  });
  const isTrigger = (object: JsonObject) => isSameObject(identityOfObject(object), identity);
  return {
    outcome: result.outcome,
    writes: cluster.writes.filter((write) => !isRecord(write)),
    status: isJsonObject(after.status) ? after.status : {},
    find: (resource) =>
      isSameObject(resource, identity) ? withoutReport(after) : cluster.find(resource),
    attempts,
    next: { subject: after, objects: cluster.objects().filter((object) => !isTrigger(object)) },
  };
}

/**
 * A CustomResourceDefinition's group has a dot, and those of Kubernetes itself that have one end in
 * `k8s.io` (ST-8).
 */
function isCustomKind(apiVersion: string): boolean {
  const group = groupOf(apiVersion);
  return group.includes(".") && !group.endsWith(".k8s.io");
}

/**
 * The trigger without what a run tells on it: that has assertions of its own, and its times could
 * not be written down.
 */
function withoutReport(trigger: JsonObject): JsonObject {
  const isOwn = isCustomKind(String(trigger.apiVersion));
  const told = {
    metadata: { annotations: { [MANAGED_RESOURCES]: null } },
    status: {
      conditions: null,
      state: null,
      koreo: null,
      ...isOwn ? { observedGeneration: null } : {},
    },
  };
  const { metadata, status, ...rest } = applyMergePatch(trigger, told);
  const { annotations, ...others } = isJsonObject(metadata) ? metadata : {};
  return {
    ...rest,
    metadata: isEmpty(annotations) ? others : { ...others, ...annotations && { annotations } },
    ...isEmpty(status) || status === undefined ? {} : { status },
  };
}

function isEmpty(value: JsonValue | undefined): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

/** Whether a write only records on the trigger what is about to be created (CL-3). */
function isRecord(write: Write): boolean {
  if (write.type !== "patch" || Object.keys(write.body).join() !== "metadata") return false;
  const { metadata } = write.body;
  return isJsonObject(metadata) && isJsonObject(metadata.annotations) &&
    Object.hasOwn(metadata.annotations, MANAGED_RESOURCES);
}
