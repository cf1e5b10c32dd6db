// SPDX-License-Identifier: Apache-2.0

import type { Outcome } from "../language/mod.ts";
import type { HeldBack } from "./channels.ts";
import type { WatchHealth } from "./kind_watch.ts";
import type { KindName, TriggerName } from "./trigger_key.ts";
import type { WakeReason } from "./wake_reason.ts";

/** Something that the controller did or noticed. Never holds the content of an object. */
export type ControllerEvent =
  | {
    readonly type: "run-started";
    readonly trigger: TriggerName;
    readonly workflow: string;
    /** `main@sha1:<40 hex>`. */
    readonly revision: string;
    readonly reasons: readonly WakeReason[];
  }
  /** A step of a run has its outcome. `step` is the path of labels, `/` between them. */
  | {
    readonly type: "step-ended";
    readonly trigger: TriggerName;
    readonly step: string;
    readonly outcome: Outcome;
  }
  | {
    readonly type: "object-written";
    readonly trigger: TriggerName;
    readonly verb: "create" | "patch" | "delete";
    readonly object: TriggerName;
    /** Whether it undoes what someone else did to a managed object. */
    readonly isHealing: boolean;
  }
  | {
    readonly type: "run-ended";
    readonly trigger: TriggerName;
    /** Absent when no Workflow could be chosen. */
    readonly workflow?: string;
    readonly revision?: string;
    readonly outcome: Outcome;
    readonly durationMs: number;
    /** Absent when only an event makes it run again. */
    readonly nextRunMs?: number;
  }
  | { readonly type: "status-written"; readonly trigger: TriggerName }
  | { readonly type: "trigger-gone"; readonly trigger: TriggerName }
  | {
    readonly type: "definitions-changed";
    readonly channel: string;
    readonly revision: string;
    readonly workflows: readonly string[];
    /** Triggers that run again because of it. */
    readonly triggers: number;
  }
  | {
    readonly type: "held-back";
    readonly channel: string;
    readonly workflow: string;
    readonly heldBack: HeldBack;
  }
  | { readonly type: "watch-changed"; readonly kind: KindName; readonly health: WatchHealth };

/** Is told of every event, in order. Must not throw. */
export type ControllerObserver = (event: ControllerEvent) => void;
