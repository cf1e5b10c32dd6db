// SPDX-License-Identifier: Apache-2.0

import type { Abortable } from "../../runtime/ports.ts";
import type { AfterRun } from "../queue/key_schedule.ts";
import { makeRun } from "./make_run.ts";
import type { ReconcileContext } from "./reconcile_context.ts";
import { isBeingDeleted } from "./trigger_change.ts";
import { isSuspended } from "../channels/trigger_settings.ts";
import { parseTriggerKey } from "../queue/trigger_key.ts";
import { createTurn } from "./turn.ts";
import type { WorkItem } from "../queue/work_queue.ts";
import { writeAgain, writeRun } from "./write_turn.ts";

/**
 * Reconciles one trigger once: reads it, runs its Workflow or cleans up after it, writes what
 * differs, and says when it is due again.
 *
 * Rejects when the trigger cannot be read, and with the reason of the signal.
 */
export async function reconcileTrigger(
  item: WorkItem,
  context: ReconcileContext,
  { signal }: Abortable,
): Promise<AfterRun> {
  const began = createTurn(item, context, signal);
  if (began !== undefined) {
    const { reasons, waitMs } = item;
    context.observe({ type: "turn-started", trigger: began.name, waitMs, reasons });
  }
  const trigger = await began?.cluster.get(began.path, { signal });
  if (began === undefined || trigger === undefined) {
    forgetGone(item.key, context);
    return { type: "rest" };
  }
  const turn = { ...began, trigger };
  if (isSuspended(trigger) && !isBeingDeleted(trigger)) {
    turn.memory.unwritten = undefined;
    return { type: "rest" };
  }
  if (item.reasons.every((reason) => reason === "status")) return await writeAgain(turn);
  const made = await makeRun(turn);
  await writeRun(turn, made);
  return made.next.after;
}

/** A turn that went on while its trigger went away has left traces of it: nothing else ends them. */
function forgetGone(key: string, { kinds, memories, watched, managed }: ReconcileContext): void {
  const { storeKey, ...kind } = parseTriggerKey(key);
  // One that was made anew meanwhile is in the store, and all that is known is about it.
  if (kinds.byKind(kind)?.store.peek(storeKey) !== undefined) return;
  memories.forget(key);
  watched.remove(key);
  managed.remove(key);
}
