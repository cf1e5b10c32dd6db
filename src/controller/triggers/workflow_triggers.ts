// SPDX-License-Identifier: Apache-2.0

import { member, type Slices } from "../../language/mod.ts";
import type { EventObject } from "../events/controller_event.ts";
import type { FollowedKinds } from "../watch/followed_kinds.ts";
import { keyOfObject } from "../watch/kept_objects.ts";
import { parseTriggerKey, triggerKey } from "../queue/trigger_key.ts";
import type { TriggerMemories } from "./trigger_memory.ts";

/**
 * The triggers of a channel by the Workflows among which their last run chose (TR-10). Those that
 * had no run yet are not among them. Yields before each trigger.
 */
export function* triggersByWorkflow(
  { kinds, memories }: {
    readonly kinds: Pick<FollowedKinds, "all">;
    readonly memories: Pick<TriggerMemories, "peek">;
  },
  channel: string,
): Slices<ReadonlyMap<string, readonly EventObject[]>> {
  const found = new Map<string, EventObject[]>();
  for (const { followed, store } of kinds.all()) {
    if (followed.role !== "trigger") continue;
    for (const object of store.objects()) {
      yield;
      const key = triggerKey(followed, keyOfObject(object));
      const memory = memories.peek(key);
      if (memory?.channel !== channel) continue;
      const { storeKey: _, ...name } = parseTriggerKey(key);
      const trigger = { ...name, uid: String(member(object.metadata, "uid")) };
      for (const workflow of memory.candidates) {
        const triggers = found.get(workflow);
        if (triggers === undefined) found.set(workflow, [trigger]);
        else triggers.push(trigger);
      }
    }
  }
  return found;
}
