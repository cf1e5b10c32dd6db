// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../runtime/mod.ts";
import { getHeapStatistics } from "node:v8";
import { Worker } from "node:worker_threads";
import { systemYield } from "../adapters/system.ts";
import { type DefinitionFeed, FeedError, type FeedMessage } from "../controller/mod.ts";
import { unreachable } from "../language/mod.ts";
import type { Abortable, Logger } from "../runtime/ports.ts";
import { createFeedLine, type FeedLine } from "./feed_line.ts";
import { createReadingWatch, type ReadingWatch } from "./reading_watch.ts";
import {
  createContentPool,
  type FeedStart,
  type FromFeedWorker,
  type ToFeedWorker,
} from "./feed_protocol.ts";

/** A published package holds JavaScript in place of TypeScript. */
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const ENTRY = new URL(`./feed_worker.${EXTENSION}`, import.meta.url);

/**
 * Heap of the Worker: a repository that needs more ends the Worker and nothing else. No more than
 * this thread may have: whoever starts the process says with that what the machine allows.
 */
const MAX_HEAP_MEBIBYTES = 512;
/** Of that what has just been made: a larger part is memory that lies idle between two commits. */
const MAX_YOUNG_MEBIBYTES = 12;
/** Longer than any single document takes to compile; a Worker that says nothing for so long is dead. */
const MAX_SILENCE_MS = 120_000;
/** How long it may take to end by itself. */
const GRACE_MS = 2_000;

/** What a feed in a Worker needs besides what it follows. */
export interface WorkerFeedPorts {
  /** Takes what the Worker logs. */
  readonly logger: Logger;
  readonly maxHeapMebibytes?: number;
  readonly maxSilenceMs?: number;
}

/**
 * A feed that follows in a Worker: whatever a repository makes it do, the event loop here goes on.
 *
 * A run ends with a {@linkcode FeedError} when the Worker does; a further run starts another one.
 */
export function createWorkerFeed(start: FeedStart, ports: WorkerFeedPorts): DefinitionFeed {
  let running: FeedLine | undefined;
  const reading = createReadingWatch();
  return {
    wake: () => running?.wake(),
    goBack: (seed) => running?.goBack(seed),
    async run(receive, { seeds, signal }) {
      signal.throwIfAborted();
      const beginning = { ...start, last: reading.beginAnew() };
      const worker = startWorker(beginning, { ...ports, reading }, receive);
      const line = createFeedLine(worker.send, systemYield);
      running = line;
      try {
        // The Worker loads its modules while the seeds are being found.
        const begun = seeds().then(line.begin);
        await Promise.race([begun.then(() => worker.ended), worker.ended, whenAborted({ signal })]);
      } finally {
        running = undefined;
        await worker.stop();
      }
    },
  };
}

interface FeedWorker {
  send(message: ToFeedWorker): void;
  /** Rejects when it ends, for whatever reason. */
  readonly ended: Promise<never>;
  /** Asks it to end, and sees to it. Never rejects. */
  stop(): Promise<void>;
}

function startWorker(
  start: FeedStart,
  ports: WorkerFeedPorts & { readonly reading: ReadingWatch },
  receive: (message: FeedMessage) => Promise<void>,
): FeedWorker {
  const { logger, reading, maxHeapMebibytes = heapMebibytes(), maxSilenceMs = MAX_SILENCE_MS } =
    ports;
  const ended = Promise.withResolvers<never>();
  const exited = Promise.withResolvers<void>();
  const pool = createContentPool();
  const worker = new Worker(ENTRY, {
    workerData: start,
    resourceLimits: {
      maxOldGenerationSizeMb: maxHeapMebibytes,
      maxYoungGenerationSizeMb: MAX_YOUNG_MEBIBYTES,
    },
  });
  const send = (message: ToFeedWorker) => worker.postMessage(message);

  const giveUp = () => ended.reject(new FeedError("silent", `${SILENT}${reading.text}`));
  let silence = setTimeout(giveUp, maxSilenceMs);

  async function hear(message: FromFeedWorker): Promise<void> {
    clearTimeout(silence);
    silence = setTimeout(giveUp, maxSilenceMs);
    switch (message.type) {
      case "alive":
        return;
      case "log":
        reading.noteLog(message.entry);
        return logger.log(message.entry);
      case "outOfMemory":
        return ended.reject(new FeedError("out-of-memory", `${OUT_OF_MEMORY}${reading.text}`));
      case "failed":
        return ended.reject(new FeedError("crashed", `Cannot follow: ${message.reason}`));
      case "content":
        pool.add(message.content);
        await systemYield();
        return send({ type: "received" });
      case "message":
        reading.noteMessage(message.message);
        await receive(whole(message.message, pool));
        return send({ type: "received" });
      default:
        return unreachable(message);
    }
  }

  worker.on("message", (message: FromFeedWorker) => void hear(message).catch(ended.reject));
  worker.on("error", (error) => ended.reject(feedError(error, reading.text)));
  worker.on("exit", () => {
    clearTimeout(silence);
    ended.reject(new FeedError("crashed", "The Worker that follows repositories came to an end"));
    exited.resolve();
  });
  // Whoever waits for it hears of it.
  ended.promise.catch(() => {});
  return {
    send,
    ended: ended.promise,
    async stop() {
      send({ type: "stop" });
      const late = setTimeout(() => void worker.terminate(), GRACE_MS);
      await exited.promise;
      clearTimeout(late);
    },
  };
}

function heapMebibytes(): number {
  return Math.min(MAX_HEAP_MEBIBYTES, Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20));
}

const SILENT = "The Worker that follows repositories does not answer any more";
const OUT_OF_MEMORY = "The Worker that follows repositories needs more memory than it may have";

function whole(message: FeedMessage, pool: ReturnType<typeof createContentPool>): FeedMessage {
  return message.type === "channel" ? { ...message, content: pool.take() } : message;
}

function feedError(error: unknown, reading: string): FeedError {
  const reason = errorText(error);
  const isMemory = error instanceof Error && "code" in error &&
    error.code === "ERR_WORKER_OUT_OF_MEMORY";
  return isMemory
    ? new FeedError("out-of-memory", `${OUT_OF_MEMORY}${reading}`, { cause: error })
    : new FeedError("crashed", `The Worker that follows repositories broke down: ${reason}`, {
      cause: error,
    });
}

function whenAborted({ signal }: Abortable): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
