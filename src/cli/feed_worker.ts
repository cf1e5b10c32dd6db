// SPDX-License-Identifier: Apache-2.0

/**
 * The Worker that follows repositories: fetch, tree walk, the gate with its first compile and the
 * tests. Started by `worker_feed.ts`; nothing imports it.
 *
 * @module
 */

import { errorText } from "../runtime/mod.ts";
import { parentPort, workerData } from "node:worker_threads";
import process from "node:process";
import { getHeapStatistics } from "node:v8";
import { systemClock } from "../adapters/system.ts";
import {
  createObservedCluster,
  createWaitingEvents,
  type FeedMessage,
  type FeedSeed,
} from "../controller/mod.ts";
import { unreachable } from "../language/mod.ts";
import {
  createContentPool,
  type FeedStart,
  type FromFeedWorker,
  piecesOf,
  type SeedHead,
  type ToFeedWorker,
  wholeSeed,
} from "./feed_protocol.ts";
import { connectTo } from "./open_cluster.ts";
import { openFeed } from "./open_feed.ts";

const { configuration, git, cluster: place, last = [] } = workerData as FeedStart;
// Only where it holds definitions: then this thread needs a connection of its own.
const cluster = configuration.clusterSource === undefined ? undefined : place &&
  await connectTo(place);
const events = createWaitingEvents();
const stop = new AbortController();
const pool = createContentPool();
const heads: SeedHead[] = [];
let running: Promise<void> | undefined;
let received: () => void = () => {};
const opened = openFeed(configuration, {
  logger: { log: (entry) => send({ type: "log", entry }) },
  ...(git === undefined ? {} : { git }),
  ...(cluster === undefined
    ? {}
    : { cluster: createObservedCluster(cluster, { clock: systemClock, observe: events.observe }) }),
  events,
  last,
});

const ALIVE_MS = 1_000;
const heapLimit = heapLimitNow();
setInterval(sayAlive, ALIVE_MS);

parentPort?.on("message", (message: ToFeedWorker) => hear(message));

function hear(message: ToFeedWorker): void {
  switch (message.type) {
    case "content":
      return pool.add(message.content);
    case "seed":
      return void heads.push(message.seed);
    case "run": {
      const content = pool.take();
      return begin(heads.splice(0).map((seed) => wholeSeed(seed, content)));
    }
    case "goBack":
      return opened.feed.goBack(wholeSeed(message.seed, pool.take()));
    case "wake":
      return opened.feed.wake();
    case "received":
      return received();
    case "stop":
      stop.abort(new DOMException("The feed was asked to end", "AbortError"));
      return running === undefined ? begin([]) : undefined;
    default:
      return unreachable(message);
  }
}

function begin(seeds: readonly FeedSeed[]): void {
  running = run(seeds);
}

async function run(seeds: readonly FeedSeed[]): Promise<void> {
  try {
    await opened.feed.run(tell, { seeds: () => Promise.resolve(seeds), signal: stop.signal });
  } catch (error) {
    const reason = errorText(error);
    if (!stop.signal.aborted) send({ type: "failed", reason });
  } finally {
    opened[Symbol.dispose]();
    cluster?.close();
  }
  process.exit(0);
}

async function tell(message: FeedMessage): Promise<void> {
  if (message.type !== "channel") return await sendInTurn({ type: "message", message });
  const { content, ...head } = message;
  for (const piece of piecesOf(content)) await sendInTurn({ type: "content", content: piece });
  const empty = { programs: [], documents: [] };
  await sendInTurn({ type: "message", message: { ...head, content: empty } });
}

function sendInTurn(message: FromFeedWorker): Promise<void> {
  return new Promise((resolve) => {
    received = resolve;
    send(message);
  });
}

/**
 * What reaches the limit of the heap is ended without a word, and the limit raised once so that the
 * rest can go on: by that it is noticed.
 */
function sayAlive(): void {
  const isOver = heapLimitNow() > heapLimit;
  send({ type: isOver ? "outOfMemory" : "alive" });
}

function heapLimitNow(): number {
  return getHeapStatistics().heap_size_limit;
}

function send(message: FromFeedWorker): void {
  parentPort?.postMessage(message);
}
