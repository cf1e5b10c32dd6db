// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import { createLogger } from "../../adapters/log.ts";
import { systemClock } from "../../adapters/system.ts";
import type { CliCommand } from "../command.ts";
import { type CommandIo, EXIT } from "../command_io.ts";
import { openEmbeddedCluster } from "../open_cluster.ts";
import { wireReconciler } from "../wire_reconciler.ts";
import { createDemoRepository } from "./demo_repository.ts";
import { createNarrator } from "./narrator.ts";
import { playKubelet } from "./played_kubelet.ts";
import { tellStory } from "./story.ts";
import { StoryError } from "./until.ts";

const EXAMPLE = new URL("../../../examples/web-app/", import.meta.url);

/** `koreo demo`: the main job, by itself. */
export const demoCommand: CliCommand = {
  define: () =>
    new Command("demo")
      .description("show the main job by itself: a repository, a cluster, a trigger")
      .option("--keep", "leave it running and say how to look at it with kubectl"),
  async run(_args, options, io) {
    const directory = await Deno.makeTempDir({ prefix: "koreo-demo-" });
    try {
      return await runDemo(directory, options["keep"] === true, io);
    } catch (error) {
      if (!(error instanceof StoryError)) throw error;
      io.stderr(`error: ${error.message}\n`);
      return EXIT.findings;
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
};

async function runDemo(directory: string, keep: boolean, io: CommandIo): Promise<number> {
  const narrator = createNarrator(io);
  const ending = new AbortController();
  const signal = AbortSignal.any([io.signal, ending.signal]);
  const repository = await createDemoRepository(directory, EXAMPLE);
  const embedded = openEmbeddedCluster(0);
  const reconciler = wireReconciler({
    repo: directory,
    path: "koreo",
    branch: "main",
    namespace: "platform",
    intervalMs: 500,
    gate: "workflow",
    workers: 20,
    resyncMs: 1_200_000,
    events: true,
  }, {
    cluster: embedded.cluster,
    logger: createLogger({
      format: "text",
      level: "error",
      now: systemClock.now,
      write: narrator.line,
    }),
    observe: narrator.observe,
  });
  const running = Promise.all([
    reconciler.run({ signal }),
    playKubelet(embedded.cluster, { signal }),
  ]);
  try {
    const story = tellStory({ narrator, repository, embedded, example: EXAMPLE, keep, signal });
    await Promise.race([story, running.then(() => signal.throwIfAborted())]);
    if (keep) await stayUntilAsked(io.signal);
    io.stdout(`${narrator.objects} objects reconciled\n`);
    return EXIT.fine;
  } finally {
    ending.abort();
    await running;
    await embedded.close();
  }
}

function stayUntilAsked(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
