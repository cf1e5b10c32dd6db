// SPDX-License-Identifier: Apache-2.0

import { isSharedStatus, nextStatus, type StatusReport } from "../../runtime/mod.ts";
import { ClusterError, type KubernetesObject } from "../../runtime/ports.ts";
import { backoffMs, retryAfterMs } from "../queue/backoff.ts";
import type { AfterRun } from "../queue/key_schedule.ts";
import type { MadeRun } from "./make_run.ts";
import { isStatusReplacedSoon } from "./next_run.ts";
import { seconds } from "./run_log.ts";
import { triggerText } from "../queue/trigger_key.ts";
import type { TriggerTurn } from "./turn.ts";
import { type TriggerWrite, writeTrigger } from "./write_trigger.ts";

const BACKOFF = { baseMs: 2_000, maxMs: 300_000 };

/**
 * Writes on the trigger what its run wants there. A failure changes neither the outcome nor the
 * schedule: the write is repeated by itself (ST-1).
 */
export async function writeRun(turn: TriggerTurn, made: MadeRun): Promise<void> {
  const { run, next } = made;
  const { status, statusPatch: _, ...rest } = run.update;
  const isSoon = isStatusReplacedSoon(next.after);
  const update = isSoon || status === undefined ? rest : { ...rest, status };
  const write = { update, ...sharedStatus(turn, made) };
  await writeOrKeep(turn, { trigger: run.trigger, write, failures: 0 });
}

/** Writes again what could not be written. Nothing is run. */
export async function writeAgain(turn: TriggerTurn): Promise<AfterRun> {
  const { unwritten } = turn.memory;
  if (unwritten !== undefined) await writeOrKeep(turn, { trigger: turn.trigger, ...unwritten });
  return { type: "keep" };
}

interface Attempt {
  readonly trigger: KubernetesObject;
  readonly write: TriggerWrite;
  readonly failures: number;
}

async function writeOrKeep(turn: TriggerTurn, attempt: Attempt): Promise<void> {
  const { memory, cluster, path, resource, context, signal } = turn;
  const target = { cluster, path, hasStatus: resource.hasStatus, sent: memory.sent };
  memory.unwritten = undefined;
  try {
    const written = await writeTrigger(attempt.trigger, attempt.write, target, { signal });
    memory.sent = written.sent;
    if (written.isStatusWritten) context.observe({ type: "status-written", trigger: turn.name });
  } catch (failure) {
    if (signal.aborted || !(failure instanceof ClusterError)) throw failure;
    keepForLater(turn, attempt, failure);
  }
}

function keepForLater(turn: TriggerTurn, attempt: Attempt, failure: ClusterError): void {
  const { context, memory, name, item } = turn;
  // Gone: its deletion is told by the watch.
  if (failure.status === 404) return;
  const failures = attempt.failures + 1;
  const delayMs = Math.max(
    backoffMs(failures, BACKOFF, context.random),
    retryAfterMs(failure.retryAfterSeconds),
  );
  if (failure.status === 409) {
    // It was written for a trigger that has changed since: a new run sees the change.
    context.queue.wake(item.key, "conflict", delayMs);
  } else {
    memory.unwritten = { write: attempt.write, failures };
    context.queue.wake(item.key, "status", delayMs);
  }
  context.logger.log({
    level: "warn",
    message: `Cannot write the status of ${triggerText(name)}: ${failure.message}; ` +
      `tried again in ${seconds(delayMs)}`,
    fields: { kind: name.kind, name: name.name, namespace: name.namespace ?? null, failures },
  });
}

/** How to make a status anew that others write to as well (ST-8). */
function sharedStatus(
  turn: TriggerTurn,
  { run, isCustomResource, failedLookup }: MadeRun,
): Pick<TriggerWrite, "statusFor"> {
  if (!isSharedStatus({ trigger: turn.trigger, isCustomResource })) return {};
  const report: StatusReport | undefined = run.run === undefined
    ? failedLookup
    : { type: "run", run: run.run };
  if (report === undefined) return {};
  const { cleanUp } = run;
  return {
    statusFor(trigger) {
      const now = turn.context.clock.now();
      return nextStatus({ trigger, isCustomResource, report, cleanUp, now }).status;
    },
  };
}
