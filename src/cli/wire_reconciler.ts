// SPDX-License-Identifier: Apache-2.0

import { openRepository, readGitLocation } from "../adapters/git/mod.ts";
import { systemClock, systemRandom } from "../adapters/system.ts";
import {
  type Controller,
  type ControllerObserver,
  createController,
  createProgramRegistry,
  type ProgramRegistry,
} from "../controller/mod.ts";
import type { Abortable, Cluster, Logger } from "../runtime/ports.ts";
import { runGateTests } from "../testing/mod.ts";
import type { ReconcileSettings } from "./reconcile_settings.ts";

/** What a reconciler works with besides its settings. */
export interface ReconcilerPorts {
  readonly cluster: Cluster;
  readonly logger: Logger;
  /** Is told what happens, in order. Must not throw. */
  readonly observe?: ControllerObserver;
}

/** A controller with the repository it follows. */
export interface Reconciler {
  readonly controller: Controller;
  readonly registry: ProgramRegistry;
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
  & Partial<Pick<ReconcileSettings, "git">>;

/** Puts the parts together: repository, registry, gate, controller. */
export function wireReconciler(settings: ReconcilerSettings, ports: ReconcilerPorts): Reconciler {
  const world = { clock: systemClock, logger: ports.logger };
  const repository = openRepository(settings.repo, settings.git);
  const registry = createProgramRegistry({
    ...world,
    sources: [{
      name: "definitions",
      repository,
      location: withoutCredentials(settings.repo),
      directory: settings.path,
      intervalMs: settings.intervalMs,
    }],
    channels: [{
      name: "stable",
      source: "definitions",
      branch: settings.branch,
      namespace: settings.namespace,
    }],
    gate: settings.gate,
    runTests: runGateTests,
  });
  const controller = createController({
    ...world,
    cluster: ports.cluster,
    registry,
    random: systemRandom,
    settings: { workers: settings.workers, resyncSeconds: settings.resyncMs / 1_000 },
    ...(ports.observe === undefined ? {} : { observe: ports.observe }),
  });
  const whileFollowing = async (
    work: (options: Abortable) => Promise<unknown>,
    outer: Abortable,
  ) => {
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
      repository.close();
    }
  };
  return {
    controller,
    registry,
    run: (options) => whileFollowing((inner) => controller.run(inner), options),
    runOnce: (options) => whileFollowing((inner) => controller.runUntilSettled(inner), options),
  };
}

/** Following ends with the work it is done for, never before. */
const NEVER = new Promise<never>(() => {});

/** A repository as it may be shown. */
export function withoutCredentials(repo: string): string {
  const place = readGitLocation(repo);
  return place.type === "local" ? place.path : place.address;
}
