// SPDX-License-Identifier: Apache-2.0

import { createBudget, memberAt, type NonOk, type Outcome } from "../../language/mod.ts";
import {
  annotationOf,
  channelNotReady,
  type FailedLookup,
  identityKey,
  type ResourceIdentity,
  REVISION,
  type RunContext,
  runTrigger,
  type TriggerRun,
  unknownChannel,
} from "../../runtime/mod.ts";
import type { Canary } from "../release/canary.ts";
import { contestText, isContested, isRecent } from "../events/contest.ts";
import { chooseWorkflow, type ChosenWorkflow } from "../channels/channel_lookup.ts";
import { candidates } from "./definition_wakes.ts";
import { isStatusReplacedSoon, type NextRun, nextRun } from "./next_run.ts";
import { NO_PROGRAM } from "./no_program.ts";
import { outcomeText, runEntry, runSummary, shownOutcome } from "./run_log.ts";
import type { ControllerRegistry } from "./reconcile_context.ts";
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
  const { chosen, canary } = isBeingDeleted(trigger) ? NOTHING_CHOSEN : await choose(turn);
  const inForce = chosen?.type === "chosen" ? chosen : undefined;
  if (inForce !== undefined) tellStart(turn, inForce);
  const isCustomResource = context.isCustomResource(turn.resource);
  const run = await runTrigger({
    trigger,
    path: turn.path,
    isCustomResource,
    isManagedElsewhere: managedElsewhere(turn),
    contest: () => currentContest(turn),
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
  memory.tried = undefined;
  if (canary !== undefined) context.canaries.ran(item.key, canary, run.outcome);
  const failedLookup = chosen?.type === "failed" ? chosen : undefined;
  return { run, next, isCustomResource, failedLookup };
}

/** What a trigger is to run, and the canary in whose share it does. */
interface Choice {
  readonly chosen: ChosenWorkflow | FailedLookup | undefined;
  readonly canary?: Canary | undefined;
}

const NOTHING_CHOSEN: Choice = { chosen: undefined };

/** The Workflow of a trigger, in its channel (VC-6). */
async function choose(turn: TriggerTurn): Promise<Choice> {
  const { context, memory, name, trigger, signal } = turn;
  const namespace = await namespaceFacts(context, trigger, { signal });
  const found = channelOf(context.registry, trigger, namespace);
  const { state: channel, canary } = found;
  memory.channel = found.name;
  memory.candidates = channel === undefined ? [] : candidates(channel, name, trigger);
  if (channel === undefined) return { chosen: unknownChannel(found.name) };
  if (!channel.isLoaded) return { chosen: notReady(found.name, context.registry) };
  return { chosen: chooseWorkflow(channel, trigger), canary };
}

function notReady(
  channel: string,
  { whyNotReady }: Pick<ControllerRegistry, "whyNotReady">,
): FailedLookup {
  return channelNotReady(channel, whyNotReady?.(channel));
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

/** A fight over one of the trigger's objects; those that are over are forgotten (law 9). */
function currentContest({ context, memory }: TriggerTurn): string | undefined {
  const now = context.clock.now();
  for (const [object, contest] of memory.contests) {
    if (isContested(contest, now)) return contestText(contest);
    if (!isRecent(contest, now)) memory.contests.delete(object);
  }
  return undefined;
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
  context.observe({
    type: "run-ended",
    trigger: name,
    outcome,
    isOutcomeNew: !isStatusReplacedSoon(next.after) && isOutcomeNew(turn, outcome),
    durationMs,
    ...by,
    ...movedFrom(turn, { run, revision: inForce?.revision }),
    ...later,
  });
  const summary = runSummary(run);
  if (memory.outcome === summary) return;
  memory.outcome = summary;
  const { after } = next;
  context.logger.log(runEntry(name, summary, { outcome, after, workflow }));
}

/** Whether there is something to tell: after a restart the trigger itself says what was before. */
function isOutcomeNew({ memory, trigger }: TriggerTurn, outcome: Outcome): boolean {
  const text = outcomeText(outcome);
  const before = memory.ownOutcome;
  memory.ownOutcome = text;
  return before === undefined ? shownOutcome(trigger) !== outcome.type : before !== text;
}

/**
 * The revision of the run before, when this one is the first with another behaviour, or the trigger
 * shows that it moved on. A revision that only moves along with its branch is no news.
 */
function movedFrom(
  { memory, item, trigger }: TriggerTurn,
  { run, revision }: { readonly run: TriggerRun; readonly revision: string | undefined },
): { readonly movedFrom?: string } {
  if (revision === undefined) return {};
  const shown = annotationOf(trigger, REVISION);
  const before = memory.revision ?? (typeof shown === "string" ? shown : undefined);
  memory.revision = revision;
  if (before === undefined || before === revision) return {};
  const isShown = memberAt(run.update.metadataPatch, "annotations", REVISION) === revision;
  return item.reasons.includes("definitions") || isShown ? { movedFrom: before } : {};
}
