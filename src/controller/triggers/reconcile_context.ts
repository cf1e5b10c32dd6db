// SPDX-License-Identifier: Apache-2.0

import type { Clock, Cluster, Logger, Random, ResourceType } from "../../runtime/ports.ts";
import type { CanaryWatch, ReleaseControl } from "../release/canary.ts";
import type { ChannelRules } from "../channels/channel_choice.ts";
import type { ControllerObserver } from "../events/controller_event.ts";
import type { ControllerSettings } from "./controller_settings.ts";
import type { FollowedKinds } from "../watch/followed_kinds.ts";
import type { ManagedIndex } from "./managed_index.ts";
import type { ProgramRegistry } from "../feed/program_registry.ts";
import type { TriggerMemories } from "./trigger_memory.ts";
import type { WorkQueue } from "../queue/work_queue.ts";

/** What the controller needs of the registry of definitions. */
export type ControllerRegistry =
  & Pick<ProgramRegistry, "channel" | "subscribe" | "status">
  & {
    /**
     * Resolves once something is in force, and what else there is was tried or is recorded. Never
     * rejects.
     */
    readonly ready: Promise<void>;
    /** Without rules a trigger gets the channel that it names itself, or the default one. */
    rules?(): ChannelRules;
    /** Why nothing of a channel could be loaded so far, as far as that is known. */
    whyNotReady?(channel: string): string | undefined;
    /** Where a share of the triggers may run from something else (canaries). */
    readonly releases?: ReleaseControl;
  };

/** What reconciling a trigger needs of its surroundings. */
export interface ReconcileContext {
  readonly cluster: Cluster;
  readonly registry: ControllerRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: ControllerSettings;
  readonly observe: ControllerObserver;
  readonly kinds: Pick<FollowedKinds, "byKind" | "byPath">;
  readonly queue: Pick<WorkQueue, "wake">;
  readonly memories: TriggerMemories;
  /** Objects whose change makes a run of a trigger due. */
  readonly watched: ManagedIndex;
  /** Objects that a trigger manages: those of `watched` that it does not only read. */
  readonly managed: ManagedIndex;
  /** Judges what is being tried. */
  readonly canaries: Pick<CanaryWatch, "ran">;
  /** Whether a kind is defined by a CustomResourceDefinition (ST-8). */
  readonly isCustomResource: (resource: ResourceType) => boolean;
}
