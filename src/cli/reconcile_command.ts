// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import type { HttpServer } from "../adapters/http_server.ts";
import { createLogger } from "../adapters/log.ts";
import { systemClock } from "../adapters/system.ts";
import { readWebhookSecrets } from "../adapters/webhook/mod.ts";
import { errorText } from "../runtime/mod.ts";
import type { CliCommand } from "./command.ts";
import { type CommandIo, EXIT } from "./command_io.ts";
import { openCluster, placeOf } from "./open_cluster.ts";
import { openMetrics } from "./open_metrics.ts";
import { reconcileOnce } from "./reconcile_once.ts";
import {
  addReconcileOptions,
  type ReconcileSettings,
  reconcileSettings,
} from "./reconcile_settings.ts";
import { settledRecord } from "./record_settings.ts";
import { serveController, type ServedController } from "./serve_controller.ts";
import { withoutCredentials } from "./open_sources.ts";
import { type Reconciler, wireReconciler } from "./wire_reconciler.ts";

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
    using metrics = settings.server && await openMetrics();
    try {
      const { repo, path, branch, cluster } = settings;
      logger.log({
        level: "info",
        message: "Reconciling",
        fields: {
          repository: repo === "" ? "none" : withoutCredentials(repo),
          path,
          branch,
          cluster: opened.server,
        },
      });
      if (cluster.type === "embedded") {
        io.stderr(`kubectl --server ${opened.server} get namespaces\n`);
      }
      const reconciler = wireReconciler(await settledRecord(settings), {
        cluster: opened.cluster,
        place: placeOf(cluster, opened),
        logger,
        ...(metrics === undefined ? {} : { observe: metrics.observe }),
      });
      const served = { ...reconciler, logger, ...(metrics === undefined ? {} : { metrics }) };
      const server = await serve(settings, served);
      try {
        return settings.once
          ? await reconcileOnce(reconciler, settings, io)
          : await runUntilAsked(reconciler, io);
      } finally {
        await server?.close();
      }
    } finally {
      await opened.close();
    }
  },
};

async function serve(
  { server }: Pick<ReconcileSettings, "server">,
  served: ServedController,
): Promise<HttpServer | undefined> {
  if (server === undefined) return undefined;
  const { url, close } = serveController(server, served);
  const { webhookSecretFile } = server;
  const webhook = webhookSecretFile === undefined ? "none" : `${url}/hooks/git`;
  served.logger.log({ level: "info", message: "Listening", fields: { url, webhook } });
  if (webhookSecretFile !== undefined) await lookAtSecret(webhookSecretFile, served);
  return { url, close };
}

/** It is read anew for every delivery; that it is not there yet is told before the first one. */
async function lookAtSecret(
  file: string,
  { logger }: Pick<ServedController, "logger">,
): Promise<void> {
  try {
    await readWebhookSecrets(file);
  } catch (error) {
    const message = `${errorText(error)}; deliveries are answered with 503 until it can be read`;
    logger.log({ level: "warn", message });
  }
}

function line(io: CommandIo): (text: string) => void {
  return (text) => io.stderr(`${text}\n`);
}

async function runUntilAsked(reconciler: Reconciler, { signal }: CommandIo): Promise<number> {
  await reconciler.run({ signal });
  return EXIT.fine;
}
