// SPDX-License-Identifier: Apache-2.0

import { isJsonList, member, type Outcome } from "../../language/mod.ts";
import type { TriggerRun } from "../../runtime/mod.ts";
import type { KubernetesObject, LogEntry } from "../../runtime/ports.ts";
import type { AfterRun } from "../queue/key_schedule.ts";
import { type TriggerName, triggerText } from "../queue/trigger_key.ts";

/** What a run ended with, in a text that differs exactly when there is something new to tell. */
export function runSummary({ outcome, cleanUp }: Pick<TriggerRun, "outcome" | "cleanUp">): string {
  const main = outcomeText(outcome);
  return cleanUp === undefined ? main : `${main}; clean-up ${outcomeText(cleanUp)}`;
}

/** An outcome with its message. */
export function outcomeText(outcome: Outcome): string {
  if (outcome.type === "Ok" || outcome.message === undefined) return outcome.type;
  return `${outcome.type}: ${outcome.message}`;
}

const SHOWN: Readonly<Record<string, Outcome["type"]>> = {
  Ready: "Ok",
  Skip: "Skip",
  DepSkip: "DepSkip",
  Failure: "PermFail",
};

/** What the status of a trigger says that its last run ended with; `undefined` when it had none. */
export function shownOutcome(trigger: KubernetesObject): Outcome["type"] | undefined {
  const conditions = member(trigger.status, "conditions");
  const ready = isJsonList(conditions)
    ? conditions.find((condition) => member(condition, "type") === "Ready")
    : undefined;
  const reason = member(ready, "reason");
  return typeof reason === "string" ? SHOWN[reason] ?? "Retry" : undefined;
}

/** The log line of a run whose summary is new. */
export function runEntry(
  trigger: TriggerName,
  summary: string,
  told: {
    readonly outcome: Outcome;
    readonly workflow?: string | undefined;
    readonly after: AfterRun;
  },
): LogEntry {
  const { outcome, workflow, after } = told;
  const { apiVersion, kind, namespace, name } = trigger;
  const by = workflow === undefined ? "" : ` (Workflow "${workflow}")`;
  return {
    level: outcome.type === "PermFail" ? "warn" : "info",
    message: `${triggerText(trigger)}${by}: ${summary}${laterText(after)}`,
    fields: {
      apiVersion,
      kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(workflow === undefined ? {} : { workflow }),
      outcome: outcome.type,
    },
  };
}

function laterText(after: AfterRun): string {
  if (after.type !== "again" || after.reason !== "retry") return "";
  return `; runs again in ${seconds(after.delayMs)}`;
}

/** A span in whole seconds, rounded up. */
export function seconds(spanMs: number): string {
  return `${Math.ceil(spanMs / 1000)} s`;
}
