// SPDX-License-Identifier: Apache-2.0

import type { Outcome } from "../../language/mod.ts";
import type { HeldBack } from "../channels/channels.ts";
import { contestText } from "./contest.ts";
import type { ControllerEvent, EventObject, ForeignChange } from "./controller_event.ts";
import { triggerText } from "../queue/trigger_key.ts";
import { unreachable } from "../../language/mod.ts";

/** Reasons of Events: how much each matters, and what it says of a trigger or a channel. */
export const EVENT_REASONS = {
  Ready: ["Normal", "the outcome of its Workflow has become `Ok`"],
  Skipped: ["Normal", "its Workflow was not run on purpose, or waits for what was not"],
  Waiting: ["Normal", "its Workflow waits for something new"],
  Failed: ["Warning", "its Workflow has failed for good, or in another way than before"],
  NoWorkflow: ["Warning", "no Workflow could be chosen for it"],
  RevisionChanged: ["Normal", "its Workflow runs from another revision, and behaves differently"],
  HeldBack: ["Warning", "a newer revision of its Workflow is refused; once per revision"],
  CanaryBegan: ["Normal", "of a channel: a share of its triggers tries a revision"],
  CanaryDropped: ["Normal", "of a channel: what was tried has become pointless"],
  Promoted: ["Normal", "of a channel: what was tried is in force for all its triggers"],
  RolledBack: ["Warning", "of a channel: what was tried or in force was taken back"],
  RefusalLifted: ["Normal", "of a channel: what was taken back may run again"],
  Created: ["Normal", "an object was made for it"],
  Patched: ["Normal", "an object of it was brought up to date"],
  Deleted: ["Normal", "an object of it was deleted"],
  DriftCorrected: ["Normal", "what someone else did to an object of it was put right"],
  Contested: ["Warning", "someone else keeps undoing what it makes of an object"],
} as const satisfies Readonly<Record<string, readonly ["Normal" | "Warning", string]>>;

/** A reason of an Event. */
export type EventReason = keyof typeof EVENT_REASONS;

/** What an Event is to say, and about what. */
export interface EventNote {
  readonly reason: EventReason;
  /** Nothing of the content of an object. */
  readonly note: string;
  readonly regarding: EventObject;
  readonly related?: EventObject;
}

/** What is to be told of something that happened; most happenings are no news to anyone. */
export function eventNotes(event: ControllerEvent): readonly EventNote[] {
  switch (event.type) {
    case "run-ended":
      return runNotes(event);
    case "object-written":
      return [{ ...writeNote(event), regarding: event.trigger, related: event.object }];
    case "contested":
      return [{
        reason: "Contested",
        note: contestText(event),
        regarding: event.trigger,
        related: event.object,
      }];
    case "held-back":
      return event.triggers.map((regarding) => ({
        reason: "HeldBack",
        note: heldBackNote(event),
        regarding,
      }));
    default:
      return [];
  }
}

/** What is to be told of a channel, on the object that stands for it in the cluster. */
export function channelNotes(
  event: ControllerEvent,
  regarding: EventObject,
): readonly EventNote[] {
  switch (event.type) {
    case "held-back":
      return [{ reason: "HeldBack", note: heldBackNote(event), regarding }];
    case "release-stepped":
      return [{ ...stepNote(event), regarding }];
    default:
      return [];
  }
}

/** The channel that something happened to. */
export function channelOfEvent(event: ControllerEvent): string | undefined {
  return event.type === "held-back" || event.type === "release-stepped" ? event.channel : undefined;
}

type RunEnded = Extract<ControllerEvent, { type: "run-ended" }>;
type ObjectWritten = Extract<ControllerEvent, { type: "object-written" }>;
type HeldBackEvent = Extract<ControllerEvent, { type: "held-back" }>;

function runNotes(event: RunEnded): readonly EventNote[] {
  const { trigger: regarding, workflow = "", revision, movedFrom, isOutcomeNew } = event;
  const moved: readonly EventNote[] = revision === undefined || movedFrom === undefined ? [] : [{
    reason: "RevisionChanged",
    note: `Workflow "${workflow}" runs from ${revision} now, before from ${movedFrom}`,
    regarding,
  }];
  return isOutcomeNew ? [...moved, { ...outcomeNote(event), regarding }] : moved;
}

function outcomeNote(
  { outcome, workflow }: RunEnded,
): Pick<EventNote, "reason" | "note"> {
  if (workflow === undefined) return { reason: "NoWorkflow", note: messageOf(outcome) };
  const subject = `Workflow "${workflow}"`;
  switch (outcome.type) {
    case "Ok":
      return { reason: "Ready", note: `${subject} is ready` };
    case "Skip":
    case "DepSkip":
      return { reason: "Skipped", note: `${subject} is skipped${because(outcome)}` };
    case "Retry":
      return { reason: "Waiting", note: `${subject} waits${because(outcome)}` };
    case "PermFail":
      return { reason: "Failed", note: `${subject} failed${because(outcome)}` };
    default:
      return unreachable(outcome);
  }
}

function messageOf(outcome: Outcome): string {
  return outcome.type === "Ok" ? "" : outcome.message ?? outcome.type;
}

function because(outcome: Outcome): string {
  const message = messageOf(outcome);
  return message === outcome.type ? "" : `: ${message}`;
}

function writeNote(
  { verb, object, isHealing, healed }: ObjectWritten,
): Pick<EventNote, "reason" | "note"> {
  const what = triggerText(object);
  if (isHealing) return { reason: "DriftCorrected", note: correction(verb, what, healed) };
  switch (verb) {
    case "create":
      return { reason: "Created", note: `Created ${what}` };
    case "patch":
      return { reason: "Patched", note: `Patched ${what}` };
    case "delete":
      return { reason: "Deleted", note: `Deleted ${what}` };
    default:
      return unreachable(verb);
  }
}

function correction(
  verb: ObjectWritten["verb"],
  what: string,
  healed: ForeignChange | undefined,
): string {
  const done = verb === "create" ? `Created ${what} again` : `Corrected ${what}`;
  if (healed === undefined) return done;
  const who = healed.manager === undefined ? "someone else" : `"${healed.manager}"`;
  if (healed.type === "deleted") return `${done}: ${who} had deleted it`;
  return `${done}: ${who} had changed ${healed.field === undefined ? "it" : `"${healed.field}"`}`;
}

/** So much of a commit is told: why it is refused, and what to do, must find room behind it. */
const MAX_SUBJECT = 60;
const MAX_AUTHOR = 30;

function heldBackNote({ workflow, heldBack, inForce }: HeldBackEvent): string {
  const { revision, reason } = heldBack;
  const subject = heldBack.subject.slice(0, MAX_SUBJECT);
  const author = heldBack.author.slice(0, MAX_AUTHOR);
  const stays = inForce === null ? "does not run" : `stays on ${inForce}`;
  return `Workflow "${workflow}" ${stays}: ${revision} ("${subject}" by ${author}) is refused: ` +
    `${reason}${placeText(heldBack)}`;
}

function placeText({ file, line = 1, test, case: label }: HeldBack): string {
  const inTest = test === undefined ? "" : ` (${label === undefined ? test : `${test}, ${label}`})`;
  return file === undefined ? inTest : `${inTest} at ${file}:${line}`;
}

type ReleaseStepped = Extract<ControllerEvent, { type: "release-stepped" }>;

function stepNote(
  { channel, step, revision, reason }: ReleaseStepped,
): Pick<EventNote, "reason" | "note"> {
  const why = reason === undefined ? "" : `: ${reason}`;
  switch (step) {
    case "canary-began":
      return {
        reason: "CanaryBegan",
        note: `Channel "${channel}" tries ${revision} with a share of its triggers${why}`,
      };
    case "canary-dropped":
      return {
        reason: "CanaryDropped",
        note: `Channel "${channel}" no longer tries ${revision}${why}`,
      };
    case "promoted":
      return { reason: "Promoted", note: `Channel "${channel}" runs ${revision} for all${why}` };
    case "rolled-back":
      return { reason: "RolledBack", note: `Channel "${channel}" took ${revision} back${why}` };
    case "refusal-lifted":
      return {
        reason: "RefusalLifted",
        note: `Channel "${channel}" lets run again what it took back with ${revision}${why}`,
      };
    default:
      return unreachable(step);
  }
}
