// SPDX-License-Identifier: Apache-2.0

import { systemClock, systemRandom } from "../adapters/system.ts";
import {
  type Controller,
  type ControllerObserver,
  createController,
  type ProgramRegistry,
} from "../controller/mod.ts";
import type { Abortable, Cluster, Logger } from "../runtime/ports.ts";
import { configurationOfFlags } from "./configuration.ts";
import { openRegistry } from "./open_registry.ts";
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
  & Partial<Pick<ReconcileSettings, "configuration" | "git">>;

/** Puts the parts together: repository, registry, gate, controller. */
export function wireReconciler(settings: ReconcilerSettings, ports: ReconcilerPorts): Reconciler {
  const { logger } = ports;
  const { git } = settings;
  const opened = openRegistry(settings.configuration ?? configurationOfFlags(settings), {
    logger,
    ...(git === undefined ? {} : { git }),
  });
  const { registry } = opened;
  const controller = createController({
    clock: systemClock,
    logger,
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
      opened[Symbol.dispose]();
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
