// SPDX-License-Identifier: Apache-2.0

import { errorText, identityKey } from "../runtime/mod.ts";
import type {
  Clock,
  Cluster,
  KubernetesObject,
  Logger,
  Random,
  YieldNow,
} from "../runtime/ports.ts";
import type { ControllerObserver } from "./events/controller_event.ts";
import { type CanaryWatch, NO_RELEASES } from "./release/canary.ts";
import { createCanaryWatch } from "./triggers/canary_watch.ts";
import { type ControllerSettings, DEFAULT_SETTINGS } from "./triggers/controller_settings.ts";
import { isCustomKind } from "./watch/custom_kind.ts";
import {
  createEventRecorder,
  type EventRecorder,
  type EventSettings,
} from "./events/event_recorder.ts";
import {
  createFollowedKinds,
  type FollowedKind,
  type FollowedKinds,
  type HealthReport,
} from "./watch/followed_kinds.ts";
import { followDefinitions } from "./follow_definitions.ts";
import { createFormerKinds, type FormerKinds } from "./triggers/former_kinds.ts";
import { keyOfObject } from "./watch/kept_objects.ts";
import type { KindRecord } from "./record/kind_record.ts";
import { createManagedIndex } from "./triggers/managed_index.ts";
import type { ControllerRegistry, ReconcileContext } from "./triggers/reconcile_context.ts";
import { parseTriggerKey, triggerKey } from "./queue/trigger_key.ts";
import { createTriggerMemories } from "./triggers/trigger_memory.ts";
import { isNamespace, wakeNamespace } from "./triggers/trigger_channel.ts";
import { wakeForChange } from "./triggers/trigger_wakes.ts";
import { createSliceQueue, type SliceQueue } from "./queue/slice_queue.ts";
import { createWakePace, type WakePace } from "./queue/wake_pace.ts";
import { CUSTOM_RESOURCE_DEFINITIONS } from "./watch/metadata_kinds.ts";
import { watchReport } from "./watch/watch_report.ts";
import { createWorkQueue, type WorkQueue } from "./queue/work_queue.ts";

/** What a controller is made of. */
export interface ControllerOptions {
  /** Where the triggers are; one of {@linkcode createObservedCluster} tells of its requests. */
  readonly cluster: Cluster;
  /** Holds the definitions in force. Whoever made it runs it. */
  readonly registry: ControllerRegistry;
  /** What delays and deadlines are measured by. */
  readonly clock: Clock;
  /** Where the jitter of delays comes from. */
  readonly random: Random;
  /** Takes a line for every new outcome and every fault of the world. */
  readonly logger: Logger;
  /** Settings that differ from {@linkcode DEFAULT_SETTINGS}. */
  readonly settings?: Partial<ControllerSettings>;
  /** Is told what happens, in order. Must not throw. */
  readonly observe?: ControllerObserver;
  /** Who writes Events on triggers; absent: nobody does. */
  readonly events?: EventSettings;
  /** Where a restart finds the kinds that only clean-up needs; absent: nowhere. */
  readonly kindRecord?: KindRecord;
  /** Lets others have their turn during long work; absent: only other promises have theirs. */
  readonly yieldNow?: YieldNow;
}

/** The parts of a controller, wired: changes of objects make runs due. */
export interface ControllerCore {
  readonly context: ReconcileContext;
  readonly queue: WorkQueue;
  readonly kinds: FollowedKinds;
  readonly formerKinds: FormerKinds;
  readonly canaries: CanaryWatch;
  readonly events: EventRecorder | undefined;
  /** Changes of definitions that are being carried out. */
  readonly changes: SliceQueue;
  /** When the runs begin that a change of definitions makes due. */
  readonly wakePace: WakePace;
}

/** Wires the parts. `onWatch` is called whenever a watch fares otherwise than before. */
export function createControllerCore(
  options: ControllerOptions,
  onWatch: () => void,
): ControllerCore {
  const { cluster, registry, clock, random, logger } = options;
  const observe: ControllerObserver = (event) => {
    options.observe?.(event);
    events?.observe(event);
  };
  const events = options.events &&
    createEventRecorder({ cluster, clock, random, logger, observe, ...options.events });
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const memories = createTriggerMemories();
  const [watched, managed] = [createManagedIndex(), createManagedIndex()];
  const queue = createWorkQueue({ clock, random });
  const kinds = createFollowedKinds({
    cluster,
    clock,
    random,
    maxObjectsPerKind: settings.maxObjectsPerKind,
    onChange(followed, change) {
      if (isDefinition(followed)) kinds.retryUnserved();
      if (isNamespace(followed)) wakeNamespace(core, change);
      wakeForChange({ queue, watched, managed, memories, clock, onGone }, followed, change);
    },
    onHealth(report) {
      tellHealth(report, { logger, observe });
      onWatch();
    },
    onDropped(followed, store) {
      forgetTriggers({ queue, memories, watched, managed }, followed, store.objects());
    },
    onListed(followed, wasLate) {
      if (wasLate) wakeLate(core, followed);
      // Only now it is known whether a kind of former triggers has any.
      if (formerKinds.isFormer(followed)) followDefinitions(core);
      onWatch();
    },
  });

  function onGone(key: string): void {
    memories.forget(key);
    const { storeKey: _, ...trigger } = parseTriggerKey(key);
    observe({ type: "trigger-gone", trigger });
  }

  const record = options.kindRecord;
  const formerKinds = createFormerKinds({
    kinds,
    clock,
    ...(record === undefined ? {} : { record }),
  });
  const releases = registry.releases ?? NO_RELEASES;
  const canaries = createCanaryWatch({ releases, registry, kinds, memories, clock });
  const context: ReconcileContext = {
    cluster,
    registry,
    clock,
    random,
    logger,
    settings,
    observe,
    kinds,
    queue,
    memories,
    watched,
    managed,
    canaries,
    isCustomResource: (resource) => isCustomKind(kinds, resource),
  };
  const changes = createSliceQueue({
    clock,
    yieldNow: options.yieldNow ?? (() => Promise.resolve()),
    onDone: onWatch,
    onFailed: (error) => tellFailed(error, logger),
  });
  const wakePace = createWakePace(clock, settings.definitionWakes);
  const core: ControllerCore = {
    context,
    queue,
    kinds,
    formerKinds,
    canaries,
    events,
    changes,
    wakePace,
  };
  return core;
}

function tellFailed(error: unknown, logger: Logger): void {
  const reason = errorText(error);
  const message = `Cannot carry a change of definitions out: ${reason}`;
  logger.log({ level: "error", message });
}

function isDefinition({ apiVersion, kind }: FollowedKind): boolean {
  return kind === CUSTOM_RESOURCE_DEFINITIONS.kind &&
    apiVersion === CUSTOM_RESOURCE_DEFINITIONS.apiVersion;
}

function tellHealth(
  report: HealthReport,
  to: { readonly logger: Logger; readonly observe: ControllerObserver },
): void {
  const { apiVersion, kind } = report.followed;
  to.logger.log(watchReport(report));
  to.observe({ type: "watch-changed", kind: { apiVersion, kind }, health: report.health });
}

/**
 * What is known of triggers that are no longer followed ages: that one of them had an object in its
 * record must not keep others from it for ever.
 */
function forgetTriggers(
  { queue, memories, watched, managed }: TriggerKnowledge,
  followed: FollowedKind,
  triggers: readonly KubernetesObject[],
): void {
  if (followed.role !== "trigger") return;
  for (const trigger of triggers) {
    const key = triggerKey(followed, keyOfObject(trigger));
    queue.forget(key);
    memories.forget(key);
    watched.remove(key);
    managed.remove(key);
  }
}

type TriggerKnowledge =
  & Pick<ReconcileContext, "memories" | "watched" | "managed">
  & { readonly queue: Pick<WorkQueue, "forget"> };

/**
 * A kind that could not be watched at first can be now: what happened to its objects since the
 * runs that read them from the server is in no event.
 */
function wakeLate({ context, queue }: ControllerCore, followed: FollowedKind): void {
  const prefix = identityKey({ ...followed, namespace: "", name: "" }).slice(0, -1);
  for (const object of context.watched.objects()) {
    if (!object.startsWith(prefix)) continue;
    for (const trigger of context.watched.triggersOf(object)) queue.wake(trigger, "managed");
  }
}
