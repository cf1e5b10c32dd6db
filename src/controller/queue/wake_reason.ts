// SPDX-License-Identifier: Apache-2.0

/** Why a run of a trigger is due (TR-18). */
export type WakeReason =
  /** A user made or changed the trigger, or asked for a run. */
  | "edited"
  /** The trigger was changed while nobody watched: its last run did not see its generation. */
  | "changedWhileAway"
  /** An object that the trigger manages was changed or deleted by someone else. */
  | "managed"
  /** The delay of a `Retry` has passed. */
  | "retry"
  /** A run failed unexpectedly and its back-off has passed. */
  | "failure"
  /** What a run wrote on the trigger was refused: it has changed since it was read. */
  | "conflict"
  /** A status that could not be written is to be written again; nothing is run. */
  | "status"
  /** A definition that its Workflow uses changed. */
  | "definitions"
  /** First seen after a start. */
  | "seen"
  /** The last successful run is long ago. */
  | "resync";

/** Lanes of the queue, first served first (law 13). */
export const LANES = ["user", "world", "backlog"] as const;

/** A lane of the queue. */
export type Lane = (typeof LANES)[number];

/** Which lane a reason belongs to. */
const LANE_OF: Readonly<Record<WakeReason, Lane>> = {
  edited: "user",
  changedWhileAway: "world",
  managed: "world",
  retry: "world",
  failure: "world",
  conflict: "world",
  status: "world",
  definitions: "backlog",
  seen: "backlog",
  resync: "backlog",
};

/** Reasons that the end of a run replaces: they are timers of the run before. */
export const TIMED: readonly WakeReason[] = ["retry", "failure", "resync"];

/** The most urgent lane of some reasons. */
export function laneOf(reasons: Iterable<WakeReason>): Lane {
  const lanes = new Set([...reasons].map((reason) => LANE_OF[reason]));
  return LANES.find((lane) => lanes.has(lane)) ?? "backlog";
}
