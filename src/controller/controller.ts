// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../runtime/mod.ts";
import { type Abortable, ClusterError, type Logger } from "../runtime/ports.ts";
import { retryAfterMs } from "./queue/backoff.ts";
import {
  type ControllerCore,
  type ControllerOptions,
  createControllerCore,
} from "./controller_core.ts";
import type { ControllerObserver } from "./events/controller_event.ts";
import type { FollowedRole, FollowedStore } from "./watch/followed_kinds.ts";
import { applyDefinitions, followDefinitions } from "./follow_definitions.ts";
import type { AfterRun } from "./queue/key_schedule.ts";
import type { WatchHealth } from "./watch/kind_watch.ts";
import { reconcileTrigger } from "./triggers/reconcile_workflow.ts";
import { parseTriggerKey, triggerText } from "./queue/trigger_key.ts";
import type { QueueStatus, WorkItem } from "./queue/work_queue.ts";
import { whenAborted } from "./queue/when_aborted.ts";
import { runWorkerPool } from "./queue/worker_pool.ts";

/** How a controller fares. */
export interface ControllerStatus {
  /** Whether the definitions are there and the kinds to follow were listed as far as they can be. */
  readonly isReady: boolean;
  /** How many triggers there are. */
  readonly triggers: number;
  /** Distinct objects that triggers have recorded and do not only read. */
  readonly managedObjects: number;
  /** How many of them wait, and for what. */
  readonly queue: QueueStatus;
  /** The kinds that are followed, and how that fares. */
  readonly watches: readonly {
    readonly apiVersion: string;
    readonly kind: string;
    /** What the kind is followed for. */
    readonly role: FollowedRole;
    readonly health: WatchHealth;
    readonly objects: number;
  }[];
}

/** Reconciles triggers (ARCHITECTURE.md section 5). */
export interface Controller {
  /**
   * Reconciles until aborted; then takes no new work, lets running reconciles end within the grace
   * period, and resolves. Runs once.
   */
  run(options: Abortable): Promise<void>;
  /**
   * The same, but only until every trigger is settled or has failed for good. Rejects with the
   * reason of the signal when that comes first.
   */
  runUntilSettled(options: Abortable): Promise<ControllerStatus>;
  /** Whether no trigger has a run due sooner than its resync. */
  settled(): boolean;
  /** Triggers that have one, as in `Deployment "team-a/web"`. */
  unsettled(): readonly string[];
  /** How the controller fares at the moment. */
  status(): ControllerStatus;
}

/** Health of a watch whose first list is not waited for. */
const GIVEN_UP: ReadonlySet<WatchHealth> = new Set(["notServed", "forbidden", "unavailable"]);

/** Makes a controller; it begins with `run`. */
export function createController(options: ControllerOptions): Controller {
  const ready = Promise.withResolvers<void>();
  let isLoaded = false;
  let onSettled: () => void = () => {};
  const core = createControllerCore(options, check);

  function isReady(): boolean {
    return isLoaded && [...core.kinds.all()].every(isDecided);
  }

  function settled(): boolean {
    return isReady() && core.changes.isIdle && core.queue.unsettled.size === 0 &&
      ![...core.kinds.all()].some(hidesTriggers);
  }

  function check(): void {
    if (isReady()) ready.resolve();
    if (settled()) onSettled();
  }

  async function run({ signal }: Abortable): Promise<void> {
    const watches = new AbortController();
    const unsubscribe = options.registry.subscribe((change) => {
      // Before the first trigger runs from what is tried: how they are until then is looked at.
      core.canaries.changed();
      if (!isLoaded) return;
      core.changes.add(applyDefinitions(core, change));
      check();
    });
    const stopped = whenAborted(signal);
    try {
      await Promise.race([options.registry.ready, stopped]);
      await core.formerKinds.load({ signal });
      if (signal.aborted) return;
      isLoaded = true;
      followDefinitions(core);
      // The watches go on while running reconciles end: these read from them.
      const following = Promise.all([
        core.kinds.run({ signal: watches.signal }),
        core.formerKinds.run({ signal: watches.signal }),
        core.events?.run({ signal: watches.signal }),
      ]);
      check();
      await Promise.race([ready.promise, stopped]);
      const judging = core.canaries.run({ signal });
      await runWorkers(core, options.logger, check, signal);
      watches.abort();
      await Promise.all([following, judging, core.changes.done()]);
    } finally {
      unsubscribe();
      watches.abort();
    }
  }

  return {
    run,
    async runUntilSettled({ signal }: Abortable): Promise<ControllerStatus> {
      const done = new AbortController();
      onSettled = () => done.abort();
      signal.addEventListener("abort", onSettled, { once: true });
      if (signal.aborted) done.abort();
      await run({ signal: done.signal });
      signal.removeEventListener("abort", onSettled);
      if (!settled()) signal.throwIfAborted();
      return statusOf(core, isReady());
    },
    settled,
    unsettled: () => [...core.queue.unsettled].map((key) => triggerText(parseTriggerKey(key))),
    status: () => statusOf(core, isReady()),
  };
}

async function runWorkers(
  { context, queue }: ControllerCore,
  logger: Logger,
  onEnd: () => void,
  signal: AbortSignal,
): Promise<void> {
  await runWorkerPool({
    queue,
    clock: context.clock,
    size: context.settings.workers,
    graceMs: context.settings.graceSeconds * 1000,
    work: (item, abort) => reconcileTrigger(item, context, abort),
    onFailure: (item, failure) => failed(item, failure, { logger, observe: context.observe }),
    onEnd,
  }, { signal });
}

/** A reconcile that did not come to its end: the trigger could not be read, or a fault of ours. */
function failed(
  item: WorkItem,
  failure: unknown,
  { logger, observe }: { readonly logger: Logger; readonly observe: ControllerObserver },
): AfterRun {
  const isOfCluster = failure instanceof ClusterError;
  const { storeKey: _, ...trigger } = parseTriggerKey(item.key);
  observe({ type: "turn-failed", trigger });
  const message = errorText(failure);
  logger.log({
    level: isOfCluster ? "warn" : "error",
    message: `Cannot reconcile ${triggerText(trigger)}: ${message}; tried again after a back-off`,
    fields: { kind: trigger.kind, namespace: trigger.namespace ?? null, name: trigger.name },
  });
  const waitMs = isOfCluster ? retryAfterMs(failure.retryAfterSeconds) : 0;
  return { type: "failed", retryAfterMs: waitMs };
}

function isDecided({ hasListed, health }: FollowedStore): boolean {
  return hasListed || GIVEN_UP.has(health);
}

/** There may be triggers that an API server which is away has not told of yet. */
function hidesTriggers({ followed, hasListed, health }: FollowedStore): boolean {
  return followed.role === "trigger" && !hasListed && health === "unavailable";
}

function statusOf({ context, queue, kinds }: ControllerCore, isReady: boolean): ControllerStatus {
  const stores = [...kinds.all()];
  return {
    isReady,
    triggers: stores.filter(({ followed }) => followed.role === "trigger")
      .reduce((sum, { store }) => sum + store.size, 0),
    managedObjects: context.managed.size,
    queue: queue.status(),
    watches: stores.map(({ followed: { apiVersion, kind, role }, health, store }) => (
      { apiVersion, kind, role, health, objects: store.size }
    )),
  };
}
