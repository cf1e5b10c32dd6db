// SPDX-License-Identifier: Apache-2.0

import type { EventObject, ForeignChange } from "./controller_event.ts";
import { triggerText } from "../queue/trigger_key.ts";

/** How often someone else undid what a trigger makes of one of its objects, and was undone. */
export interface Contest extends Flip {
  readonly flips: number;
  /** Of the last flip, in milliseconds. */
  readonly at: number;
}

/** What was undone once. */
export interface Flip {
  readonly object: EventObject;
  readonly change: ForeignChange;
}

/** So many flips are a fight, when none is this much later than the one before. */
export const CONTEST_FLIPS = 5;
const WINDOW_MS = 600_000;

/** A contest after one more flip. Another field or another manager does not begin a new one. */
export function afterFlip(contest: Contest | undefined, flip: Flip, now: number): Contest {
  const flips = contest !== undefined && isRecent(contest, now) ? contest.flips + 1 : 1;
  return { ...flip, flips, at: now };
}

/** Whether two actors fight over an object (law 9). */
export function isContested(contest: Contest, now: number): boolean {
  return contest.flips >= CONTEST_FLIPS && isRecent(contest, now);
}

/** Whether the next flip would go on with it. */
export function isRecent({ at }: Contest, now: number): boolean {
  return now - at <= WINDOW_MS;
}

/** Who does what to an object, in words; nothing of its content. */
export function contestText({ object, change }: Flip): string {
  const { type, field, manager } = change;
  const who = manager === undefined ? "Someone else" : `"${manager}"`;
  const what = triggerText(object);
  if (type === "deleted") return `${who} keeps deleting ${what}`;
  return `${who} keeps changing ${field === undefined ? what : `"${field}" of ${what}`}`;
}
