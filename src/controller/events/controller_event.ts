// SPDX-License-Identifier: Apache-2.0

import type { Outcome } from "../../language/mod.ts";
import type { HeldBack } from "../channels/channels.ts";
import type { WatchHealth } from "../watch/kind_watch.ts";
import type { KindName, TriggerName } from "../queue/trigger_key.ts";
import type { ReleaseStep } from "../release/release_steps.ts";
import type { WakeReason } from "../queue/wake_reason.ts";

/** An object that an event is about. */
export interface EventObject extends TriggerName {
  /** Absent where it is not known any more, or not yet. */
  readonly uid?: string;
}

/** What someone else did to a managed object. */
export interface ForeignChange {
  /** What became of the object. */
  readonly type: "changed" | "deleted";
  /** Who, as `metadata.managedFields` names them; absent where the cluster does not tell. */
  readonly manager?: string;
  /** The first field that they changed, `spec.replicas`. Never a value. */
  readonly field?: string;
}

/** Something that the controller did or noticed. Never holds the content of an object. */
export type ControllerEvent =
  /** A trigger is looked at. */
  | {
    readonly type: "turn-started";
    readonly trigger: EventObject;
    /** How long it was due. */
    readonly waitMs: number;
    readonly reasons: readonly WakeReason[];
  }
  | {
    readonly type: "run-started";
    readonly trigger: EventObject;
    readonly workflow: string;
    /** `main@sha1:<40 hex>`. */
    readonly revision: string;
    readonly reasons: readonly WakeReason[];
  }
  /** A step of a run has its outcome. `step` is the path of labels, `/` between them. */
  | {
    readonly type: "step-ended";
    readonly trigger: EventObject;
    readonly step: string;
    readonly outcome: Outcome;
  }
  | {
    readonly type: "object-written";
    readonly trigger: EventObject;
    readonly verb: "create" | "patch" | "delete";
    readonly object: EventObject;
    /** Whether it undoes what someone else did to a managed object. */
    readonly isHealing: boolean;
    /** What that was, where it was seen. */
    readonly healed?: ForeignChange;
  }
  | {
    readonly type: "run-ended";
    readonly trigger: EventObject;
    /** Absent when no Workflow could be chosen. */
    readonly workflow?: string;
    readonly revision?: string;
    /** The revision of the run before, when this one is the first with another behaviour. */
    readonly movedFrom?: string;
    readonly outcome: Outcome;
    /** Whether it is another one than was told before; one that is replaced at once is not told. */
    readonly isOutcomeNew: boolean;
    readonly durationMs: number;
    /** Absent when only an event makes it run again. */
    readonly nextRunMs?: number;
  }
  /** A trigger could not be looked at to the end; it is tried again after a back-off. */
  | { readonly type: "turn-failed"; readonly trigger: EventObject }
  | { readonly type: "status-written"; readonly trigger: EventObject }
  | { readonly type: "trigger-gone"; readonly trigger: TriggerName }
  /** Someone else keeps undoing what a trigger makes of one of its objects. */
  | {
    readonly type: "contested";
    readonly trigger: EventObject;
    readonly object: EventObject;
    readonly change: ForeignChange;
    /** How often of late. */
    readonly times: number;
  }
  | {
    readonly type: "definitions-changed";
    readonly channel: string;
    readonly revision: string;
    readonly workflows: readonly string[];
    /** Triggers that run again because of it. */
    readonly triggers: number;
  }
  /** What was tried or in force goes on or back (canaries, promotions, rollbacks). */
  | {
    readonly type: "release-stepped";
    readonly channel: string;
    readonly step: ReleaseStep["type"];
    /** What is tried, was dropped, was put in force, was taken back, or may run again. */
    readonly revision: string;
    /** A sentence without a period. */
    readonly reason?: string;
  }
  | {
    readonly type: "held-back";
    readonly channel: string;
    readonly workflow: string;
    readonly heldBack: HeldBack;
    /** `null` when no revision of it was good so far. */
    readonly inForce: string | null;
    /** Those that run it, or wait for it. */
    readonly triggers: readonly EventObject[];
  }
  | { readonly type: "watch-changed"; readonly kind: KindName; readonly health: WatchHealth }
  /** A request to the cluster came to its end. */
  | {
    readonly type: "request-ended";
    readonly verb: ClusterVerb;
    /** HTTP status; 200 for any success, 0 when no answer came. */
    readonly status: number;
    readonly durationMs: number;
  }
  /** A source was looked at. */
  | {
    readonly type: "source-polled";
    readonly source: string;
    readonly durationMs: number;
    /** When that was; milliseconds since 1970. */
    readonly at: number;
    /** Code of the failure, `error` where it has none; absent when it went well. */
    readonly failure?: string;
  }
  /** The gate has judged a revision: compiling and testing together. */
  | {
    readonly type: "revision-judged";
    readonly channel: string;
    readonly revision: string;
    readonly durationMs: number;
  }
  /** FunctionTests were run, because they or what they test changed. */
  | {
    readonly type: "tests-ran";
    readonly tests: number;
    /** How many of these did not pass. */
    readonly failed: number;
    readonly durationMs: number;
  }
  /** Events for the cluster that could not be written, or were too many. */
  | { readonly type: "events-lost"; readonly count: number };

/** What is asked of the cluster. */
export type ClusterVerb = "discover" | "get" | "create" | "patch" | "delete" | "list" | "watch";

/** Is told of every event, in order. Must not throw. */
export type ControllerObserver = (event: ControllerEvent) => void;
