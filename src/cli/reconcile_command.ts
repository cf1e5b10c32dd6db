// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import { createLogger } from "../adapters/log.ts";
import { systemClock } from "../adapters/system.ts";
import type { CliCommand } from "./command.ts";
import { type CommandIo, EXIT } from "./command_io.ts";
import { durationText } from "./duration.ts";
import { openCluster } from "./open_cluster.ts";
import {
  addReconcileOptions,
  type ReconcileSettings,
  reconcileSettings,
} from "./reconcile_settings.ts";
import { type Reconciler, wireReconciler, withoutCredentials } from "./wire_reconciler.ts";

/** `koreo reconcile`: the controller. */
export const reconcileCommand: CliCommand = {
  define: () =>
    addReconcileOptions(
      new Command("reconcile").description("follow a Git repository and reconcile its triggers"),
    ),
  async run(_args, options, io) {
    const settings = reconcileSettings(options);
    const logger = createLogger({ ...settings.log, now: systemClock.now, write: line(io) });
    const opened = await openCluster(settings.cluster);
    try {
      const { repo, path, branch, cluster } = settings;
      logger.log({
        level: "info",
        message: "Reconciling",
        fields: { repository: withoutCredentials(repo), path, branch, cluster: opened.server },
      });
      if (cluster.type === "embedded") {
        io.stderr(`kubectl --server ${opened.server} get namespaces\n`);
      }
      const reconciler = wireReconciler(settings, { cluster: opened.cluster, logger });
      return settings.once
        ? await runOnce(reconciler, settings, io)
        : await runUntilAsked(reconciler, io);
    } finally {
      await opened.close();
    }
  },
};

function line(io: CommandIo): (text: string) => void {
  return (text) => io.stderr(`${text}\n`);
}

async function runUntilAsked(reconciler: Reconciler, { signal }: CommandIo): Promise<number> {
  await reconciler.run({ signal });
  return EXIT.fine;
}

async function runOnce(
  reconciler: Reconciler,
  { timeoutMs }: ReconcileSettings,
  io: CommandIo,
): Promise<number> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    await reconciler.runOnce({ signal: AbortSignal.any([timeout, io.signal]) });
    io.stdout(`${reconciler.controller.status().managedObjects} objects reconciled\n`);
    return EXIT.fine;
  } catch (error) {
    if (!timeout.aborted && !io.signal.aborted) throw error;
    io.stderr(`error: ${unsettledText(reconciler, timeoutMs)}\n`);
    return reconciler.controller.status().isReady ? EXIT.findings : EXIT.world;
  }
}

function unsettledText({ controller, registry }: Reconciler, timeoutMs: number): string {
  const { queue, isReady } = controller.status();
  const after = `within ${durationText(timeoutMs)}`;
  const { lastError } = registry.status();
  if (lastError !== undefined) return `Cannot reconcile ${after}: ${lastError.message}`;
  if (!isReady) return `Cannot reconcile ${after}: the cluster did not list what is to be watched`;
  return `Cannot settle every trigger ${after}: ${
    queue.ready + queue.running + queue.delayed
  } still have a run due`;
}
