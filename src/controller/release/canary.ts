// SPDX-License-Identifier: Apache-2.0

import type { Outcome } from "../../language/mod.ts";
import type { Abortable } from "../../runtime/ports.ts";
import type { CanaryProgress } from "./canary_verdict.ts";
import type { CanarySettings } from "../channels/channel_settings.ts";
import type { ChannelState } from "../channels/channels.ts";
import type { Refusal } from "../gate/refusal.ts";
import type { CanaryBaseline } from "./release.ts";

/** A canary that is under way in a channel. The same object as long as nothing about it changes. */
export interface Canary {
  /** Name of the channel. */
  readonly channel: string;
  /** Who tries it, and for how long. */
  readonly settings: CanarySettings;
  /** Another one for each revision that is tried anew; only within this process. */
  readonly id: number;
  /** What is being tried: `main@sha1:<40 hex>`. */
  readonly revision: string;
  /** What triggers in the share run from. */
  readonly state: ChannelState;
  /** What all others run from. */
  readonly inForce: ChannelState;
  /** Names of the Workflows that behave differently. */
  readonly workflows: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Absent until the triggers were looked at. */
  readonly baseline?: CanaryBaseline;
}

/** What became of an order to promote or to roll back. */
export interface ReleaseAnswer {
  /** `done` also where there was nothing left to do. */
  readonly type: "done" | "refused";
  /** A sentence without a period. */
  readonly message: string;
  /** What is in force afterwards; `null` where nothing is. */
  readonly revision: string | null;
}

/** Decides which generation the triggers of a channel run from. */
export interface ReleaseControl {
  /** The canary of a channel; `undefined` while none is under way. */
  canary(channel: string): Canary | undefined;
  /** All that are under way. */
  canaries(): readonly Canary[];
  /** How the triggers that try something were before. */
  noteBaseline(channel: string, baseline: CanaryBaseline): void;
  /** How far a canary is; for status. */
  noteProgress(channel: string, progress: CanaryProgress & { readonly reason?: string }): void;
  /**
   * Puts in force what is being tried, or allows what was taken back to run again.
   *
   * @param order.revision What is meant to be tried, or what was taken back; something else is not
   *   put in force
   */
  promote(
    channel: string,
    order: { readonly reason: string; readonly revision?: string },
  ): ReleaseAnswer;
  /**
   * Takes back what is being tried, else what is in force, at once.
   *
   * @param order.to The revision to go back to; one step back unless given
   * @param order.takingBack What is meant to be tried or in force; something else stays
   */
  rollBack(
    channel: string,
    order: { readonly reason: string; readonly to?: string; readonly takingBack?: string },
  ): ReleaseAnswer;
}

/** Of a registry that has nothing tried. */
export const NO_RELEASES: ReleaseControl = {
  canary: () => undefined,
  canaries: () => [],
  noteBaseline: () => {},
  noteProgress: () => {},
  promote: noRelease,
  rollBack: noRelease,
};

function noRelease(channel: string): ReleaseAnswer {
  return {
    type: "refused",
    message: `Nothing of channel "${channel}" is in force`,
    revision: null,
  };
}

/** What a status says of the generations of a channel. */
export interface ReleaseStatus {
  /** Absent while nothing is tried. */
  readonly canary?: CanaryStatus;
  /** Where a rollback would go back to. */
  readonly previous?: string;
  /** What was taken back and is not allowed to run again, newest last; absent when nothing was. */
  readonly refused?: readonly Refusal[];
}

/** What a status says of a canary. */
export interface CanaryStatus {
  /** What is being tried. */
  readonly revision: string;
  /** Names of the Workflows that behave differently. */
  readonly workflows: readonly string[];
  /** Which triggers try it. */
  readonly share: CanarySettings["share"];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** When its soak is over; milliseconds since 1970. */
  readonly soakEndsAt: number;
  /** Absent until the triggers were looked at. */
  readonly progress?: CanaryProgress & {
    /** Why it is not over although its soak is. */
    readonly reason?: string;
  };
}

/** Judges what is being tried by how its triggers fare, and lets it go on or back. */
export interface CanaryWatch {
  /** The definitions changed: something may be tried, or no longer. */
  changed(): void;
  /** A trigger has run from what is being tried. */
  ran(key: string, canary: Canary, outcome: Outcome): void;
  /** Judges until aborted; before that nothing is decided. Never rejects. */
  run(options: Abortable): Promise<void>;
}
