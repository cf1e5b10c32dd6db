// SPDX-License-Identifier: Apache-2.0

import { processName, systemClock, systemRandom, systemYield } from "../adapters/system.ts";
import {
  type ChannelStatus,
  type Controller,
  type ControllerObserver,
  createController,
  createObservedCluster,
  createReleaseRegistry,
  createReleaseRequests,
  type EventSettings,
  type RegistryFailure,
  type ReleaseRegistry,
} from "../controller/mod.ts";
import {
  type Abortable,
  type Cluster,
  type Logger,
  RepositoryError,
  type RepositoryErrorCode,
} from "../runtime/ports.ts";
import { withTimeout } from "../runtime/mod.ts";
import { configurationOfFlags } from "./configuration.ts";
import type { ClusterPlace } from "./open_cluster.ts";
import { createWorkerFeed } from "./worker_feed.ts";
import type { ReconcileSettings } from "./reconcile_settings.ts";
import { type OpenedRecord, openRecord, type RecordSettings } from "./record_settings.ts";

/** What a reconciler works with besides its settings. */
export interface ReconcilerPorts {
  readonly cluster: Cluster;
  /** The same once more for the thread that reads definitions, where the cluster holds some. */
  readonly place?: ClusterPlace;
  readonly logger: Logger;
  /** Is told what happens, in order. Must not throw. */
  readonly observe?: ControllerObserver;
}

/** A controller with the repository it follows. */
export interface Reconciler {
  readonly controller: Controller;
  readonly registry: ReleaseRegistry;
  /** Reconciles until aborted, then ends properly. Runs once. */
  run(options: Abortable): Promise<void>;
  /** Reconciles until every trigger is settled; rejects with the signal's reason before that. */
  runOnce(options: Abortable): Promise<void>;
}

/** The settings that a reconciler itself looks at. */
export type ReconcilerSettings =
  & Pick<
    ReconcileSettings,
    "repo" | "path" | "branch" | "namespace" | "intervalMs" | "gate" | "workers" | "resyncMs"
  >
  & Partial<Pick<ReconcileSettings, "configuration" | "git" | "events">>
  & {
    /** Where what is in force survives a restart; absent: nowhere. */
    readonly record?: Required<RecordSettings>;
  };

/** Puts the parts together: repository, registry, gate, controller. */
export function wireReconciler(settings: ReconcilerSettings, ports: ReconcilerPorts): Reconciler {
  const { logger } = ports;
  const cluster = observedCluster(ports);
  const record = settings.record && openRecord(settings.record, { cluster, logger });
  const registry = wireRegistry(settings, { ...ports, record });
  const controller = wireController(settings, registry, { ...ports, cluster, record });
  const requests = settings.record && createReleaseRequests({
    cluster,
    namespace: settings.record.namespace,
    releases: registry.releases,
    ready: registry.ready,
    recorded: registry.recorded,
    clock: systemClock,
    random: systemRandom,
    logger,
  });
  return {
    controller,
    registry,
    run: (options) =>
      whileFollowing(
        registry,
        (inner) => Promise.all([controller.run(inner), requests?.run(inner)]),
        options,
      ),
    runOnce: (options) =>
      whileFollowing(registry, (inner) => untilSettled({ controller, registry }, inner), options),
  };
}

/** Ports with the record, if there is one. */
interface WithRecord extends ReconcilerPorts {
  readonly record: OpenedRecord | undefined;
}

function wireRegistry(
  settings: ReconcilerSettings,
  { logger, observe, place, record }: WithRecord,
): ReleaseRegistry {
  const { git } = settings;
  const configuration = settings.configuration ?? configurationOfFlags(settings);
  return createReleaseRegistry({
    feed: createWorkerFeed({
      configuration,
      ...(git === undefined ? {} : { git }),
      ...(place === undefined ? {} : { cluster: place }),
    }, { logger }),
    channels: configuration.channels,
    default: configuration.default,
    ...(record === undefined ? {} : { records: record.records }),
    clock: systemClock,
    random: systemRandom,
    yieldNow: systemYield,
    logger,
    ...(observe === undefined ? {} : { observe }),
  });
}

function wireController(
  { workers, resyncMs, events }: ReconcilerSettings,
  registry: ReleaseRegistry,
  { logger, cluster, observe, record }: WithRecord,
): Controller {
  return createController({
    clock: systemClock,
    logger,
    cluster,
    registry,
    ...(record === undefined ? {} : { kindRecord: record.kindRecord }),
    random: systemRandom,
    yieldNow: systemYield,
    settings: { workers, resyncSeconds: resyncMs / 1_000 },
    ...(events === true ? { events: eventSettings(record, registry) } : {}),
    ...(observe === undefined ? {} : { observe }),
  });
}

/** Works while the registry follows, and ends it then; rejects at once when the registry does. */
async function whileFollowing(
  registry: Pick<ReleaseRegistry, "run">,
  work: (options: Abortable) => Promise<unknown>,
  outer: Abortable,
): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([outer.signal, ended.signal]);
  const following = registry.run({ signal }).catch((error) => {
    if (!signal.aborted) throw error;
  });
  try {
    await Promise.race([work(outer), following.then(() => NEVER)]);
  } finally {
    ended.abort();
    await following;
  }
}

/** Everything that is asked of the API server is counted at one place. */
function observedCluster({ cluster, observe }: ReconcilerPorts): Cluster {
  if (observe === undefined) return cluster;
  return createObservedCluster(cluster, { clock: systemClock, observe });
}

/** So long an Event on a channel waits for the record that it is about. */
const MAX_RECORDING_MS = 10_000;

function eventSettings(
  record: OpenedRecord | undefined,
  { recorded }: Pick<ReleaseRegistry, "recorded">,
): EventSettings {
  const instance = processName();
  if (record === undefined) return { instance };
  return {
    instance,
    async channelObject(channel, { signal }) {
      const limits = { clock: systemClock, signal, requestTimeoutMs: MAX_RECORDING_MS };
      await withTimeout((inner) => recorded(channel, inner), limits);
      return await record.channelObject(channel, { signal });
    },
  };
}

/** Settles all triggers; rejects when a source cannot be used, and waiting does not mend it. */
async function untilSettled(
  { controller, registry }: Pick<Reconciler, "controller" | "registry">,
  { signal }: Abortable,
): Promise<void> {
  const given = new AbortController();
  const settled = controller.runUntilSettled({ signal: AbortSignal.any([signal, given.signal]) });
  const tried = registry.tried.then(() => {
    const { lastError, channels } = registry.status();
    if (lastError !== undefined && isLasting(lastError, channels)) {
      throw new RepositoryError(lastError.code, lastError.message);
    }
    return NEVER;
  });
  try {
    await Promise.race([settled, tried]);
  } finally {
    given.abort();
    // Its own end is told by the race.
    await settled.catch(() => {});
  }
}

/** One pass does not wait for a repository or a branch to come into being. */
const LASTING = [
  "unauthorized",
  "no-such-repository",
  "no-such-revision",
  "no-such-directory",
] as const satisfies readonly RepositoryErrorCode[];

function isLasting(
  failure: RegistryFailure,
  channels: readonly Pick<ChannelStatus, "workflows">[],
): failure is LastingFailure {
  // Where a commit that is signed came before, that one is in force.
  const isNothingSigned = failure.code === "unverified" &&
    channels.every(({ workflows }) => workflows.every(({ revision }) => revision === null));
  return isNothingSigned || LASTING.some((code) => code === failure.code);
}

type LastingFailure = RegistryFailure & { readonly code: RepositoryErrorCode };

/** Following ends with the work it is done for, never before. */
const NEVER = new Promise<never>(() => {});
