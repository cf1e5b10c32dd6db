// SPDX-License-Identifier: Apache-2.0

import type { Outcome } from "../../language/mod.ts";
import type { Contest } from "../events/contest.ts";
import type { ForeignChange } from "../events/controller_event.ts";
import { type DriftPace, NO_DRIFT } from "./drift_pace.ts";
import { NO_QUICK_RUNS, type QuickRuns } from "./next_run.ts";
import type { SentStatus, TriggerWrite } from "./write_trigger.ts";

/** What is remembered of a trigger between runs. All of it may be lost: nothing depends on it. */
export interface TriggerMemory {
  quickRuns: QuickRuns;
  /** Name of the channel that the last run looked in. */
  channel: string | undefined;
  /** Names of the Workflows among which the last run chose. */
  candidates: readonly string[];
  /** Identity keys of what the last run looked at or wrote. */
  touched: Set<string>;
  /** How often changes of its objects have made it run of late. */
  drift: DriftPace;
  /** Whether deletions that were asked for are waited for (CL-11). */
  isCleaningUp: boolean;
  /** Whether an object whose deletion was asked for went away since the last run began. */
  hasDeletionEnded: boolean;
  /** Outcome of the last run from something that was tried, and the id of that canary. */
  tried: { readonly canary: number; readonly outcome: Outcome } | undefined;
  /** What could not be written, and how often it was tried. */
  unwritten: { readonly write: TriggerWrite; readonly failures: number } | undefined;
  /** The status written last, and what the server made of it (ST-1). */
  sent: SentStatus | undefined;
  /** Outcome of the last run with that of its clean-up, for the log. */
  outcome: string | undefined;
  /** Outcome of the last run alone. */
  ownOutcome: string | undefined;
  /** The revision that the last run used. */
  revision: string | undefined;
  /** What others did to its objects since the last run began, by identity key. */
  readonly foreign: Map<string, ForeignChange>;
  /** How often others undid what it makes of its objects, by identity key. */
  readonly contests: Map<string, Contest>;
}

/** Memories by trigger key. */
export interface TriggerMemories {
  of(key: string): TriggerMemory;
  peek(key: string): TriggerMemory | undefined;
  forget(key: string): void;
  entries(): Iterable<readonly [string, TriggerMemory]>;
}

/** Remembers nothing yet. */
export function createTriggerMemories(): TriggerMemories {
  const memories = new Map<string, TriggerMemory>();
  return {
    of(key: string): TriggerMemory {
      const known = memories.get(key);
      if (known !== undefined) return known;
      const made = newMemory();
      memories.set(key, made);
      return made;
    },
    peek: (key) => memories.get(key),
    forget: (key) => void memories.delete(key),
    entries: () => memories.entries(),
  };
}

function newMemory(): TriggerMemory {
  return {
    quickRuns: NO_QUICK_RUNS,
    channel: undefined,
    candidates: [],
    touched: new Set(),
    drift: NO_DRIFT,
    isCleaningUp: false,
    hasDeletionEnded: false,
    tried: undefined,
    unwritten: undefined,
    sent: undefined,
    outcome: undefined,
    ownOutcome: undefined,
    revision: undefined,
    foreign: new Map(),
    contests: new Map(),
  };
}
