// SPDX-License-Identifier: Apache-2.0

import type { Outcome } from "../../language/mod.ts";
import type { CanarySettings } from "../channels/channel_settings.ts";
import { oneLine } from "./one_line.ts";
import { parseTriggerKey, triggerText } from "../queue/trigger_key.ts";

/** How a trigger was before it first ran from the revision that is being tried. */
export type FormerState = "ready" | "failed" | "unready" | "new";

/** A trigger of the share whose Workflow behaves differently. */
export interface TryingTrigger {
  /** Its {@linkcode triggerKey}. */
  readonly key: string;
  readonly before: FormerState;
  /** Of its last run from the revision that is being tried; absent before the first. */
  readonly outcome?: Outcome | undefined;
}

/** A canary at one moment. */
export interface CanaryFacts {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Since when triggers have run: after a restart they all have to run again. */
  readonly watchedSince: number;
  readonly triggers: readonly TryingTrigger[];
  /** A kind with a Workflow that changed, of which nobody knows what triggers there are. */
  readonly unseenKind?: string | undefined;
}

/** What is to become of what is being tried. */
export type CanaryVerdict =
  | {
    readonly type: "wait";
    /** When to look again at the latest; milliseconds since 1970. */
    readonly until: number;
    /** What stands in the way although the soak is over. */
    readonly reason?: string;
  }
  /** Everyone gets it. */
  | { readonly type: "promote"; readonly reason: string }
  /** Nobody keeps it. */
  | { readonly type: "goBack"; readonly reason: string };

/**
 * Judges a canary.
 *
 * - A trigger that fails for good, and had not before, takes it back at once.
 * - When the soak is over and every trigger has run, and those that were Ready are, it goes on.
 *   Without any trigger in the share it goes on too: nothing speaks against it. Not to have seen
 *   the triggers is something else: that is waited for.
 * - What is missing then is waited for until the deadline, and takes it back there. A restart
 *   gives the triggers that long anew: they have to run again.
 */
export function judgeCanary(settings: CanarySettings, facts: CanaryFacts): CanaryVerdict {
  const { startedAt, now, watchedSince, triggers, unseenKind } = facts;
  const failing = triggers.find(hasFailedAnew);
  if (failing !== undefined) return { type: "goBack", reason: failureText(failing) };
  const soaked = startedAt + settings.soakMs;
  if (now < soaked) return { type: "wait", until: soaked };
  const reason = triggers.map((trigger) => faultOf(trigger, settings))
    .find((fault) => fault !== undefined) ?? unseenText(unseenKind);
  if (reason === undefined) return { type: "promote", reason: successText(triggers) };
  const deadline = Math.max(startedAt, watchedSince) +
    Math.max(settings.deadlineMs, settings.soakMs);
  return now < deadline ? { type: "wait", until: deadline, reason } : { type: "goBack", reason };
}

/** How far a canary is, in numbers. */
export interface CanaryProgress {
  /** Triggers of the share whose Workflow behaves differently. */
  readonly triggers: number;
  /** Of these the ones that have run from what is being tried. */
  readonly ran: number;
  /** Of these the ones that are Ready. */
  readonly ready: number;
  /** Of these the ones that fail for good. */
  readonly failed: number;
}

/** Counts. */
export function canaryProgress(triggers: readonly TryingTrigger[]): CanaryProgress {
  const outcomes = triggers.flatMap(({ outcome }) => outcome ?? []);
  return {
    triggers: triggers.length,
    ran: outcomes.length,
    ready: outcomes.filter(isReady).length,
    failed: outcomes.filter(({ type }) => type === "PermFail").length,
  };
}

/** What the condition `Ready` says after it (ST-4). */
function isReady({ type }: Outcome): boolean {
  return type === "Ok" || type === "Skip";
}

function hasFailedAnew({ before, outcome }: TryingTrigger): boolean {
  return outcome?.type === "PermFail" && before !== "failed";
}

/** So much of the message of a failure is told. */
const MAX_MESSAGE = 300;

function failureText({ key, outcome }: TryingTrigger): string {
  const message = outcome?.type === "PermFail" ? oneLine(outcome.message ?? "", MAX_MESSAGE) : "";
  const end = message === "" ? "" : `: ${message}`;
  return `${nameOf(key)} fails, and did not before${end}`;
}

function faultOf(
  { key, before, outcome }: TryingTrigger,
  { requireReady }: CanarySettings,
): string | undefined {
  if (outcome === undefined) return `${nameOf(key)} has not run from it`;
  if (!requireReady || before !== "ready" || isReady(outcome)) return undefined;
  return `${nameOf(key)} was Ready and is not`;
}

function unseenText(kind: string | undefined): string | undefined {
  return kind === undefined ? undefined : `triggers of kind "${kind}" cannot be listed`;
}

function successText(triggers: readonly TryingTrigger[]): string {
  if (triggers.length === 0) return "no trigger of the canary has a Workflow that changed";
  const count = triggers.length === 1 ? "a trigger has" : `${triggers.length} triggers have`;
  return `${count} run from it without a new failure`;
}

function nameOf(key: string): string {
  return triggerText(parseTriggerKey(key));
}
