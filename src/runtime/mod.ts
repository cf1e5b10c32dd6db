// SPDX-License-Identifier: Apache-2.0

/**
 * Runs what `language` compiled: Functions, Workflows, and what follows from a run for the trigger
 * and its managed objects. The world is behind ports.
 *
 * Not here: when a run happens, and how often (the controller).
 *
 * @module
 */

export {
  cleanUp,
  type CleanUpAction,
  type CleanUpContext,
  type CleanUpReport,
  decideCleanUp,
} from "./clean_up.ts";
export {
  CLEANUP_FINALIZER,
  managedRecord,
  needsFinalizer,
  nextFinalizers,
  recordAhead,
  recordText,
} from "./managed_record.ts";
export {
  isSharedStatus,
  type NextStatus,
  nextStatus,
  type StatusFacts,
  type StatusReport,
} from "./parent_status.ts";
export {
  readRecord,
  type RecordedResource,
  type RecordedResources,
  recordedResources,
  resourceOf,
} from "./recorded_resources.ts";
export { errorText } from "./error_text.ts";
export { rfc3339 } from "./rfc3339.ts";
export {
  cleanUpOrder,
  decideRetirement,
  type Retirement,
  type RetirementFacts,
} from "./retirement.ts";
export { runTrigger, type TriggerCall, type TriggerRun } from "./run_trigger.ts";
export { annotationOf, REVISION, type TriggerUpdate } from "./trigger_update.ts";
export {
  annotationOrLabel,
  channelNotReady,
  type FailedLookup,
  lookupOutcome,
  type LookupReason,
  type TriggerKind,
  triggerKinds,
  unknownChannel,
  vanishedWorkflow,
  WORKFLOW,
  workflowFor,
  type WorkflowLookup,
  type WorkflowSource,
} from "./trigger_lookup.ts";
export { apiFailure, type ApiRequest } from "./api_failure.ts";
export { withTimeout } from "./api_request.ts";
export { applyMergePatch, createMergePatch, jsonEqual } from "./merge_patch.ts";
export { compareObjects } from "./compare.ts";
export { type Condition, conditionOf, mergedByType } from "./condition.ts";
export { decideCreation, decideEarly, decideUpdate, type ResourceAction } from "./decide_action.ts";
export { type Difference, differenceText, jsonTypeName } from "./difference.ts";
export { isDirective, itemsByKey, type Manner, mannersOf } from "./directives.ts";
export { LAST_APPLIED, lastAppliedOf, parseJson } from "./last_applied.ts";
export { MANAGED_RESOURCES } from "./managed_resources.ts";
export { type Owner, ownerOf } from "./owner_reference.ts";
export { withoutLastApplied } from "./prepared_body.ts";
export { findRemovals } from "./removals.ts";
export { type ResourceId } from "./resource_id.ts";
export {
  groupOf,
  identityKey,
  identityOfObject,
  type ResourceIdentity,
} from "./resource_identity.ts";
export type { PureContext, ResourceApi, RunContext, RunEvent, RunObserver } from "./run_context.ts";
export {
  type ResourceFunctionCall,
  type ResourceFunctionResult,
  runResourceFunction,
} from "./run_resource_function.ts";
export { runValueFunction, type ValueFunctionCall } from "./run_value_function.ts";
export { parentOf, runWorkflow, type WorkflowCall, type WorkflowRun } from "./run_workflow.ts";
export type { LogicResult, StepResult, SubWorkflowResult } from "./step_record.ts";
export { planWorkflow } from "./workflow_plan.ts";
export type * from "./ports.ts";
export { ClusterError, RepositoryError, UnverifiedError } from "./ports.ts";
