// SPDX-License-Identifier: Apache-2.0

import { createBudget, type NonOk } from "../language/mod.ts";
import {
  channelNotReady,
  type FailedLookup,
  identityKey,
  type ResourceIdentity,
  type RunContext,
  runTrigger,
  type TriggerRun,
  unknownChannel,
} from "../runtime/mod.ts";
import { chooseWorkflow, type ChosenWorkflow } from "./channel_lookup.ts";
import { candidates } from "./definition_wakes.ts";
import { type NextRun, nextRun } from "./next_run.ts";
import { NO_PROGRAM } from "./no_program.ts";
import { runEntry, runSummary } from "./run_log.ts";
import { isBeingDeleted } from "./trigger_change.ts";
import { channelOf, namespaceFacts } from "./trigger_channel.ts";
import type { TriggerTurn } from "./turn.ts";

/** A run that was made, and when the next one is due. */
export interface MadeRun {
  readonly run: TriggerRun;
  readonly next: NextRun;
  readonly isCustomResource: boolean;
  /** Why there was no Workflow to run. */
  readonly failedLookup: FailedLookup | undefined;
}

/** Makes the run of a turn, and tells of it. Rejects with the reason of the signal. */
export async function makeRun(turn: TriggerTurn): Promise<MadeRun> {
  const { context, item, memory, trigger } = turn;
  const began = context.clock.now();
  const chosen = isBeingDeleted(trigger) ? undefined : await choose(turn);
  const inForce = chosen?.type === "chosen" ? chosen : undefined;
  if (inForce !== undefined) tellStart(turn, inForce);
  const isCustomResource = context.isCustomResource(turn.resource);
  const run = await runTrigger({
    trigger,
    path: turn.path,
    isCustomResource,
    isManagedElsewhere: managedElsewhere(turn),
    ...(inForce === undefined ? {} : { workflow: inForce.workflow, revision: inForce.revision }),
    ...(chosen?.type === "failed" ? { failedLookup: chosen } : {}),
  }, runContext(turn, inForce));
  memory.isCleaningUp = run.cleanUp !== undefined;
  // What clean-up waits for may have come to its end before the run did.
  if (memory.isCleaningUp && memory.hasDeletionEnded) context.queue.wake(item.key, "managed");
  const next = planNext(turn, run);
  memory.quickRuns = next.quickRuns;
  const durationMs = context.clock.now() - began;
  tellEnd(turn, { run, next, durationMs, inForce });
  const failedLookup = chosen?.type === "failed" ? chosen : undefined;
  return { run, next, isCustomResource, failedLookup };
}

/** The Workflow of a trigger, in its channel (VC-6). */
async function choose(turn: TriggerTurn): Promise<ChosenWorkflow | FailedLookup> {
  const { context, memory, name, trigger, signal } = turn;
  const namespace = await namespaceFacts(context, trigger, { signal });
  const found = channelOf(context.registry, trigger, namespace);
  const channel = found.state;
  memory.channel = found.name;
  memory.candidates = channel === undefined ? [] : candidates(channel, name, trigger);
  if (channel === undefined) return unknownChannel(found.name);
  return channel.isLoaded ? chooseWorkflow(channel, trigger) : channelNotReady(found.name);
}

function runContext(turn: TriggerTurn, inForce: ChosenWorkflow | undefined): RunContext {
  const { context, cluster, signal, name } = turn;
  const { settings, clock, observe } = context;
  return {
    program: inForce?.program ?? NO_PROGRAM,
    cluster,
    clock,
    signal,
    budget: createBudget(),
    requestTimeoutMs: settings.requestTimeoutSeconds * 1000,
    deadlineMs: settings.runDeadlineSeconds * 1000,
    trace: {
      observe(event) {
        if (event.type !== "step-ended") return;
        const { step, outcome } = event;
        observe({ type: "step-ended", trigger: name, step, outcome });
      },
    },
  };
}

/** Whether another trigger has an object in its record (CL-6, CL-13, DF-34). */
function managedElsewhere({ item, context }: TriggerTurn): (object: ResourceIdentity) => boolean {
  return (object) => {
    const triggers = context.managed.triggersOf(identityKey(object));
    return triggers.size > (triggers.has(item.key) ? 1 : 0);
  };
}

function planNext(turn: TriggerTurn, run: TriggerRun): NextRun {
  const { context, memory } = turn;
  const timing = { resyncMs: context.settings.resyncSeconds * 1000, random: context.random };
  return nextRun({
    outcome: run.outcome,
    cleanUpDelaySeconds: delayOf(run.cleanUp),
    hasWritten: turn.writes() > 0,
    quickRuns: memory.quickRuns,
    isEnding: isBeingDeleted(turn.trigger),
  }, timing);
}

function delayOf(pending: NonOk | undefined): number | undefined {
  return pending?.type === "Retry" ? pending.delaySeconds : undefined;
}

function tellStart({ context, name, item }: TriggerTurn, inForce: ChosenWorkflow): void {
  const workflow = inForce.workflow.id.name;
  const { revision } = inForce;
  const { reasons } = item;
  context.observe({ type: "run-started", trigger: name, workflow, revision, reasons });
}

interface RunTold {
  readonly run: TriggerRun;
  readonly next: NextRun;
  readonly durationMs: number;
  readonly inForce: ChosenWorkflow | undefined;
}

function tellEnd(turn: TriggerTurn, { run, next, durationMs, inForce }: RunTold): void {
  const { context, name, memory } = turn;
  const { outcome } = run;
  const workflow = inForce?.workflow.id.name;
  const by = inForce === undefined || workflow === undefined
    ? {}
    : { workflow, revision: inForce.revision };
  const later = next.after.type === "again" ? { nextRunMs: next.after.delayMs } : {};
  context.observe({ type: "run-ended", trigger: name, outcome, durationMs, ...by, ...later });
  const summary = runSummary(run);
  if (memory.outcome === summary) return;
  memory.outcome = summary;
  const { after } = next;
  context.logger.log(runEntry(name, summary, { outcome, after, workflow }));
}
