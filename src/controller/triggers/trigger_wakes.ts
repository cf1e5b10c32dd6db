// SPDX-License-Identifier: Apache-2.0

import { member } from "../../language/mod.ts";
import {
  identityKey,
  MANAGED_RESOURCES,
  recordedResources,
  resourceOf,
} from "../../runtime/mod.ts";
import type { Clock, KubernetesObject } from "../../runtime/ports.ts";
import { driftDelayMs, NO_DRIFT } from "./drift_pace.ts";
import type { FollowedKind } from "../watch/followed_kinds.ts";
import { foreignChange } from "./foreign_change.ts";
import { judgeManagedChange } from "./managed_change.ts";
import type { ManagedIndex } from "./managed_index.ts";
import type { ObjectChange } from "../watch/object_store.ts";
import { firstReason, isRunDue } from "./trigger_change.ts";
import { parseTriggerKey, triggerKey } from "../queue/trigger_key.ts";
import type { TriggerMemories } from "./trigger_memory.ts";
import type { WorkQueue } from "../queue/work_queue.ts";
import { unreachable } from "../../language/mod.ts";

/** What turns changes of objects into runs that are due. */
export interface TriggerWakesOptions {
  readonly queue: Pick<WorkQueue, "wake" | "forget">;
  /** Objects whose change makes a run of a trigger due. */
  readonly watched: ManagedIndex;
  /** Objects that a trigger does not only read. */
  readonly managed: ManagedIndex;
  readonly memories: Pick<TriggerMemories, "peek">;
  readonly clock: Pick<Clock, "now">;
  /** A trigger is gone. */
  readonly onGone: (trigger: string) => void;
}

/** Makes the runs due that follow from the change of an object (TR-18). */
export function wakeForChange(
  options: TriggerWakesOptions,
  followed: FollowedKind,
  change: ObjectChange,
): void {
  wakeManagers(options, followed, change);
  if (followed.role === "trigger") wakeTrigger(options, triggerKey(followed, change.key), change);
}

function wakeTrigger(options: TriggerWakesOptions, trigger: string, change: ObjectChange): void {
  const { queue } = options;
  const { object, previous } = change;
  switch (change.type) {
    case "deleted":
      queue.forget(trigger);
      options.watched.remove(trigger);
      options.managed.remove(trigger);
      return options.onGone(trigger);
    case "added":
      indexTrigger(options, trigger, object);
      return queue.wake(trigger, firstReason(object, change.isInitial));
    case "modified":
    case "written":
      // A write of ours may bring what a user changed meanwhile: it counts like an event.
      if (previous === undefined || recordOf(previous) !== recordOf(object)) {
        indexTrigger(options, trigger, object);
      }
      if (previous === undefined || isRunDue(previous, object)) queue.wake(trigger, "edited");
      return;
    default:
      return unreachable(change.type);
  }
}

function wakeManagers(
  options: TriggerWakesOptions,
  { apiVersion, kind }: FollowedKind,
  change: ObjectChange,
): void {
  const { name, namespace } = parseTriggerKey(triggerKey({ apiVersion, kind }, change.key));
  const place = namespace === undefined ? {} : { namespace };
  const object = identityKey({ apiVersion, kind, name, ...place });
  const triggers = options.watched.triggersOf(object);
  if (triggers.size === 0) return;
  const judged = judgeManagedChange(change);
  if (judged === "none") return;
  const foreign = judged === "foreign" ? foreignChange(change) : undefined;
  for (const trigger of triggers) {
    const memory = options.memories.peek(trigger);
    if (foreign !== undefined) memory?.foreign.set(object, foreign);
    if (judged === "deletionDone" && memory !== undefined) memory.hasDeletionEnded = true;
    if (judged === "deletionDone" && !memory?.isCleaningUp) continue;
    const delayMs = judged === "foreign"
      ? driftDelayMs(memory?.drift ?? NO_DRIFT, options.clock.now())
      : 0;
    options.queue.wake(trigger, "managed", delayMs);
  }
}

function recordOf(trigger: KubernetesObject): unknown {
  return member(member(trigger.metadata, "annotations"), MANAGED_RESOURCES);
}

/** Indexes what a trigger has recorded, former objects included, and what its run is busy with. */
function indexTrigger(
  { watched, managed, memories }: TriggerWakesOptions,
  trigger: string,
  object: KubernetesObject,
): void {
  const { reported, former } = recordedResources(object);
  const recorded = [...reported, ...former].map(({ id }) => ({
    isManaged: !id.readonly,
    key: identityKey(resourceOf(id)),
  }));
  const touched = memories.peek(trigger)?.touched ?? [];
  watched.set(trigger, [...recorded.map(({ key }) => key), ...touched]);
  managed.set(trigger, recorded.filter(({ isManaged }) => isManaged).map(({ key }) => key));
}
