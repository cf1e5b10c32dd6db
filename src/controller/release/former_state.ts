// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, member, memberAt } from "../../language/mod.ts";
import { rfc3339 } from "../../runtime/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";
import type { FormerState } from "./canary_verdict.ts";
import type { CanaryBaseline } from "./release.ts";

/** What a trigger shows of its last run (ST-3 to ST-7). */
export function shownState(trigger: KubernetesObject): Exclude<FormerState, "new"> {
  const conditions = memberAt(trigger, "status", "conditions");
  const ready = isJsonList(conditions)
    ? conditions.findLast((one) => isJsonObject(one) && one.type === "Ready")
    : undefined;
  if (member(ready, "status") === "True") return "ready";
  return member(ready, "reason") === "Failure" ? "failed" : "unready";
}

/** Where triggers stand before a canary, by key; of a new one nobody waits to become Ready. */
export function baselineOf(
  triggers: Iterable<readonly [key: string, state: FormerState]>,
): CanaryBaseline {
  const byState = Map.groupBy(triggers, ([, state]) => state);
  const keys = (state: FormerState) => byState.get(state)?.map(([key]) => key) ?? [];
  return { failed: keys("failed"), unready: [...keys("unready"), ...keys("new")] };
}

/** How a trigger was before a canary that began then; one that was made meanwhile is new. */
export function formerStates(
  { failed, unready }: CanaryBaseline,
  startedAt: number,
): (key: string, trigger: KubernetesObject) => FormerState {
  const [failedBefore, unreadyBefore] = [new Set(failed), new Set(unready)];
  const began = rfc3339(startedAt);
  return (key, trigger) => {
    if (failedBefore.has(key)) return "failed";
    const created = member(trigger.metadata, "creationTimestamp");
    // Both are UTC with whole seconds.
    if (typeof created === "string" && created >= began) return "new";
    return unreadyBefore.has(key) ? "unready" : "ready";
  };
}
