// SPDX-License-Identifier: Apache-2.0

import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  member,
  type NonOk,
  type Outcome,
  setOwn,
} from "../language/mod.ts";
import { type Condition, mergedByType } from "./condition.ts";
import { createMergePatch, jsonEqual } from "./merge_patch.ts";
import { rfc3339 } from "./rfc3339.ts";
import type { WorkflowRun } from "./run_workflow.ts";
import { type FailedLookup, lookupOutcome } from "./trigger_lookup.ts";

/** Annotation that makes the status of a trigger shared (TR-3). */
const MERGE_CONDITIONS = "koreo.dev/merge-conditions";

/** What a status tells of: a run, or why there was none (TR-17). */
export type StatusReport =
  | { readonly type: "run"; readonly run: WorkflowRun }
  | FailedLookup;

/** Everything that a status follows from. */
export interface StatusFacts {
  /** The trigger that the run used. */
  readonly trigger: JsonObject;
  /** Whether the kind of the trigger is defined by a CustomResourceDefinition (ST-8). */
  readonly isCustomResource: boolean;
  readonly report: StatusReport;
  /** Why clean-up is not finished (CL-24). */
  readonly cleanUp?: NonOk | undefined;
  /** Who keeps undoing what of the trigger's objects, in a sentence; absent when nobody does. */
  readonly contest?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A status, and the merge patch that makes it of the present one; without one nothing differs. */
export interface NextStatus {
  readonly status: JsonObject;
  /** Of the status alone, without the key `status`. */
  readonly patch?: JsonObject;
}

/** The status that a run leaves on its trigger (12.3, 12.4). */
export function nextStatus(facts: StatusFacts): NextStatus {
  const present = member(facts.trigger, "status");
  const before = isJsonObject(present) ? present : {};
  const status = statusAfter(before, facts);
  const patch = createMergePatch(before, status);
  return patch ? { status, patch: withAbsentKeys(patch, status) } : { status };
}

/** A patch of `status.koreo` names all its keys: those without value as `null` (ST-13). */
function withAbsentKeys(patch: JsonObject, status: JsonObject): JsonObject {
  const { koreo } = status;
  if (!isJsonObject(patch.koreo) || !isJsonObject(koreo)) return patch;
  const absent = ["errors", "locations", "state_errors"].filter((key) =>
    !Object.hasOwn(koreo, key)
  );
  const nulls = Object.fromEntries(absent.map((key) => [key, null]));
  return { ...patch, koreo: { ...patch.koreo, ...nulls } };
}

function statusAfter(before: JsonObject, facts: StatusFacts): JsonObject {
  const { trigger, report } = facts;
  const isShared = isSharedStatus(facts);
  const generation = generationOf(trigger);
  const after: Record<string, JsonValue> = { ...before };
  after.conditions = conditionsAfter(before, facts, isShared);
  if (!isShared && generation !== undefined) after.observedGeneration = generation;
  if (report.type === "run") after.state = stateAfter(before.state, report.run);
  after.koreo = koreoStatus(report);
  return after;
}

/** ST-8. */
export function isSharedStatus(
  { trigger, isCustomResource }: Pick<StatusFacts, "trigger" | "isCustomResource">,
): boolean {
  const merged = member(member(trigger.metadata, "annotations"), MERGE_CONDITIONS);
  return merged === "true" || !isCustomResource;
}

function generationOf(trigger: JsonObject): JsonValue | undefined {
  return member(trigger.metadata, "generation");
}

/** The overall outcome that a report stands for. */
export function reportOutcome(report: StatusReport): Outcome {
  return report.type === "run" ? report.run.outcome : lookupOutcome(report);
}

/** ST-23. A run that could not start changes no state (WF-33). */
function stateAfter(present: JsonValue | undefined, run: WorkflowRun): JsonObject {
  const before = isJsonObject(present) ? present : {};
  if (run.stoppedBy === "readiness") return before;
  const after: Record<string, JsonValue> = { ...run.state };
  for (const key of run.keptStateKeys) {
    if (Object.hasOwn(before, key)) setOwn(after, key, before[key] ?? null);
    else delete after[key];
  }
  return after;
}

/** ST-13. */
function koreoStatus(report: StatusReport): JsonObject {
  const outcome = reportOutcome(report);
  const status: Record<string, JsonValue> = {};
  if (outcome.type === "Retry" || outcome.type === "PermFail") {
    if (outcome.message !== undefined) status.errors = outcome.message;
    if (outcome.location !== undefined) status.locations = outcome.location;
  }
  if (report.type === "run" && Object.keys(report.run.stateErrors).length > 0) {
    status.state_errors = report.run.stateErrors;
  }
  return status;
}

function conditionsAfter(
  before: JsonObject,
  facts: StatusFacts,
  isShared: boolean,
): readonly JsonObject[] {
  const present = isJsonList(before.conditions) ? before.conditions.filter(isJsonObject) : [];
  const own = ownConditions(facts, isShared).map((condition) => {
    const predecessor = present.findLast(({ type }) => type === condition.type);
    return timedCondition(condition, predecessor, facts);
  });
  return isShared ? mergedByType([...present, ...own]) : own;
}

/** Koreo's conditions, in order, without times. */
function ownConditions(facts: StatusFacts, isShared: boolean): readonly Condition[] {
  const { report } = facts;
  const reported = mergedByType(report.type === "run" ? report.run.conditions : [failure(report)]);
  if (isShared) return reported;
  const others = reported.filter(({ type }) => type !== "Reconciling" && type !== "Stalled");
  return [...others, ...kstatusConditions(facts, others), ...contestConditions(facts)];
}

/** Two actors who fight over a field. Not where the status is shared: nobody would take it away. */
function contestConditions({ contest }: StatusFacts): readonly Condition[] {
  if (contest === undefined) return [];
  return [{
    type: "Contested",
    status: "True",
    reason: "Fight",
    message: contest,
    location: null,
  }];
}

/** TR-11 to TR-16. */
function failure({ reason, message }: FailedLookup): Condition {
  return { type: "Ready", status: "False", reason, message, location: null };
}

/** ST-12, CL-24. */
function kstatusConditions(
  { report, cleanUp }: StatusFacts,
  reported: readonly Condition[],
): readonly Condition[] {
  const conditions: Condition[] = [];
  const ready = reported.find(({ type }) => type === "Ready");
  const type = kstatusType(reportOutcome(report));
  if (type && ready) conditions.push({ ...ready, type, status: "True" });
  const pending = cleanUp && kstatusType(cleanUp);
  if (cleanUp && pending && pending !== type) {
    const location = cleanUp.location ?? null;
    const message = cleanUp.message ?? "";
    conditions.push({ type: pending, status: "True", reason: "CleanUp", message, location });
  }
  return conditions;
}

function kstatusType(outcome: Outcome): "Reconciling" | "Stalled" | undefined {
  if (outcome.type === "Retry") return "Reconciling";
  return outcome.type === "PermFail" ? "Stalled" : undefined;
}

/** ST-9, ST-10. */
function timedCondition(
  condition: Condition,
  predecessor: JsonObject | undefined,
  { trigger, now }: StatusFacts,
): JsonObject {
  const generation = generationOf(trigger);
  const { type, status, reason, message, location } = condition;
  const fields = {
    type,
    status,
    reason,
    message,
    location,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  const isSame = ([key, value]: readonly [string, JsonValue]) =>
    jsonEqual(predecessor?.[key] ?? null, value);
  const time = (key: string, isKept: boolean): JsonValue => {
    const kept = predecessor?.[key];
    return isKept && typeof kept === "string" ? kept : rfc3339(now);
  };
  return {
    ...fields,
    lastTransitionTime: time("lastTransitionTime", predecessor?.status === status),
    lastUpdateTime: time("lastUpdateTime", Object.entries(fields).every(isSame)),
  };
}
