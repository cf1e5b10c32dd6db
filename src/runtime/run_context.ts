// SPDX-License-Identifier: Apache-2.0

import type { Budget, DefinitionId, JsonObject, NonOk, Outcome, Program } from "../language/mod.ts";
import type { Difference } from "./difference.ts";
import type { ResourceAction } from "./decide_action.ts";
import type { Clock, Cluster } from "./ports.ts";
import type { ResourceIdentity } from "./resource_identity.ts";
import type { ResourceId } from "./resource_id.ts";

/** What a run needs of the cluster. */
export type ResourceApi = Pick<Cluster, "discover" | "get" | "create" | "patch" | "delete">;

/** What a ValueFunction needs of its surroundings. */
export interface PureContext {
  /** Cost of the whole run (LM-7). */
  readonly budget: Budget;
}

/** What a ResourceFunction and a Workflow need of their surroundings. */
export interface RunContext extends PureContext {
  /** The definitions; one Program from start to end. */
  readonly program: Program;
  /** Where managed objects are read and written. */
  readonly cluster: ResourceApi;
  /** For deadlines and the times of conditions. */
  readonly clock: Clock;
  /** Ends the run: everything rejects with its reason, nothing becomes an Outcome. */
  readonly signal: AbortSignal;
  /** How long one request may take (RF-70). Absent: as long as the cluster port lets it. */
  readonly requestTimeoutMs?: number;
  /** How long a Workflow may take (WF-37). Default: 60,000. */
  readonly deadlineMs?: number;
  /** How many items of one `forEach` run at the same time. Default: 10. */
  readonly forEachConcurrency?: number;
  /** Sees what happens. Must not throw. */
  readonly trace?: RunObserver;
  /** Whether someone else manages the object too: then nothing is removed from it (DF-34). */
  readonly isSharedObject?: (resource: ResourceIdentity) => boolean;
  /**
   * Called before an object with a `delete` policy is created or patched (CL-3). Resolves to an
   * outcome when it could not be recorded: then nothing is written.
   */
  readonly recordBeforeCreate?: (
    resourceId: ResourceId,
    stepPath: string,
  ) => Promise<NonOk | undefined>;
}

/** What an observer is told, in the order in which it happens. */
export type RunEvent =
  | { readonly type: "step-started"; readonly step: string; readonly location: string }
  | {
    /** The Logic of a step, or of one item of it, begins. */
    readonly type: "logic-started";
    readonly workflow: DefinitionId;
    readonly label: string;
    readonly logic: DefinitionId;
    /** The value of its `refSwitch`, as text. */
    readonly switchedOn?: string;
  }
  | {
    readonly type: "step-ended";
    readonly step: string;
    readonly outcome: Outcome;
    readonly workflow: DefinitionId;
    readonly label: string;
  }
  | {
    readonly type: "resource-read";
    readonly location: string;
    readonly resource: ResourceIdentity;
    /** The ResourceFunction. */
    readonly definition: DefinitionId;
    /** `undefined`: there is none. */
    readonly live: JsonObject | undefined;
  }
  | {
    readonly type: "resource-decided";
    readonly location: string;
    readonly resource: ResourceIdentity;
    /** The ResourceFunction. */
    readonly definition: DefinitionId;
    readonly target: JsonObject;
    readonly difference?: Difference;
    readonly action: ResourceAction;
  };

/** Sees what happens in a run. */
export interface RunObserver {
  /** Is told an event. */
  observe(event: RunEvent): void;
}
