// SPDX-License-Identifier: Apache-2.0

import {
  createBudget,
  type FunctionTest,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Program,
  type Workflow,
} from "../language/mod.ts";
import {
  applyMergePatch,
  groupOf,
  identityOfObject,
  type KubernetesObject,
  MANAGED_RESOURCES,
  mergedByType,
  type RunContext,
  type RunEvent,
  runTrigger,
  runWorkflow,
  type WorkflowRun,
} from "../runtime/mod.ts";
import {
  type Call,
  createRecordingCluster,
  isSameObject,
  type RecordingCluster,
  type Write,
} from "./recording_cluster.ts";
import { testClock } from "./test_clock.ts";
import type { ObservedWorkflow } from "./workflow_assertions.ts";
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
  /** With a `parent` the Workflow runs for a trigger, without one as a sub-Workflow. */
  readonly test: Pick<FunctionTest, "parent">;
  readonly workflow: Workflow;
  readonly signal: AbortSignal;
  /** Is told what happens. */
  readonly observe?: ((event: RunEvent) => void) | undefined;
}

/** One run, with the state it leaves. */
export interface WorkflowRunEnd extends ObservedWorkflow {
  readonly next: WorkflowState;
  readonly attempts: readonly Attempt[];
  /** Absent when the Workflow was not run: the trigger is being deleted. */
  readonly run?: WorkflowRun;
  /** Every request, in order. */
  readonly calls: readonly Call[];
}

/** Makes one run as for a trigger (FW-14), or as a sub-Workflow (FW-3). */
export function runTestedWorkflow(
  context: WorkflowTestContext,
  state: WorkflowState,
): Promise<WorkflowRunEnd> {
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
    context.observe?.(event);
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
    run,
    calls: cluster.calls,
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
    ...result.run ? { run: result.run } : {},
    calls: cluster.calls,
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
