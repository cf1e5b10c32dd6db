// SPDX-License-Identifier: Apache-2.0

import type { Clock, Cluster, Random } from "../runtime/ports.ts";
import { type ApiServer, createApiServer } from "./api_server.ts";
import type { Controllers } from "./controllers.ts";
import { type ClusterCall, createFaults, type Faults, type Intercept } from "./faults.ts";
import { createHttpApi } from "./http_api/http_api.ts";
import { createManualClock } from "./manual_clock.ts";
import { createSeededRandom } from "./seeded_random.ts";
import { createSimulatedCluster } from "./simulated_cluster.ts";
import { expired } from "./status_error.ts";

/** Settings of {@linkcode createSimulator}. */
export interface SimulatorOptions {
  /** Default: a manual clock that nobody moves. */
  readonly clock?: Clock;
  /** Where uids and generated names come from; default: the same ones in every simulator. */
  readonly random?: Random;
  /** Namespaces that exist from the start; default: those of a fresh cluster. */
  readonly namespaces?: readonly string[];
  /** Changes of a kind that a watch can resume over; default 10,000. */
  readonly historyEvents?: number;
  /** Events that may wait for one watcher before its watch is ended; default 10,000. */
  readonly queuedEvents?: number;
  /**
   * How long after a request its consequences follow (garbage collection, emptying of
   * namespaces, serving of new kinds). Default 0: they have happened when the request returns.
   */
  readonly controllerDelayMs?: number;
  /** Time between bookmarks while anybody watches; default one minute, 0 for none. */
  readonly bookmarkIntervalMs?: number;
  /** Hears of every request to the cluster before it is carried out. */
  readonly onCall?: (call: ClusterCall) => void;
}

/** An in-memory Kubernetes. */
export interface Simulator {
  /** The Cluster port. */
  readonly cluster: Cluster;
  /** The same over HTTP: give it to a server on loopback and point kubectl at it. */
  readonly serve: (request: Request) => Promise<Response>;
  /** Faults to come, whichever way the calls come. */
  readonly faults: Faults;
  /** The newest resourceVersion. */
  readonly resourceVersion: string;
  /** Sends a bookmark to every watch now. */
  sendBookmarks(): void;
  /** Ends every watch, as a server that goes down does. */
  dropWatches(): void;
  /** Ends every watch with 410 and forgets history, so that none can resume from before. */
  expireWatches(): void;
  /** Ends the watches and whatever waits on the clock. */
  close(): void;
  /** The same as {@linkcode Simulator.close}. */
  [Symbol.dispose](): void;
}

const FRESH_NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** Starts an in-memory Kubernetes with empty namespaces. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const clock = options.clock ?? createManualClock();
  const closing = new AbortController();
  const { faults, intercept } = createFaults(clock);
  const settle = createSettling(clock, options.controllerDelayMs ?? 0, closing);
  const server = createApiServer(
    { clock, random: options.random ?? createSeededRandom() },
    {
      historyEvents: options.historyEvents ?? 10_000,
      queuedEvents: options.queuedEvents ?? 10_000,
    },
    settle,
  );
  createNamespaces(server, options.namespaces ?? FRESH_NAMESPACES);
  const bookmarkMs = options.bookmarkIntervalMs ?? 60_000;
  const keepBookmarking = createBookmarking(server, bookmarkMs, closing.signal);
  const heard = listening(intercept, (call) => {
    options.onCall?.(call);
    if (call.verb === "watch") keepBookmarking();
  });
  const close = () => {
    closing.abort(new DOMException("The simulator is closed", "AbortError"));
    for (const hub of server.state.store.hubs()) hub.closeAll();
  };

  return {
    cluster: createSimulatedCluster(server, heard),
    serve: createHttpApi({ server, clock, intercept: heard }),
    faults,
    get resourceVersion() {
      return String(server.state.store.version);
    },
    sendBookmarks: () => sendBookmarks(server),
    dropWatches() {
      for (const hub of server.state.store.hubs()) hub.closeAll();
    },
    expireWatches: () => expireWatches(server),
    close,
    [Symbol.dispose]: close,
  };
}

function listening(intercept: Intercept, onCall: (call: ClusterCall) => void): Intercept {
  return (call, options, perform) => {
    onCall(call);
    return intercept(call, options, perform);
  };
}

/** Runs the controllers at once, or one delay after the first change they have not seen. */
function createSettling(
  clock: Clock,
  delayMs: number,
  closing: AbortController,
): (controllers: Controllers) => void {
  let isPlanned = false;
  return function settle(controllers) {
    if (delayMs <= 0) return controllers.settle();
    if (isPlanned || !controllers.hasWork || closing.signal.aborted) return;
    isPlanned = true;
    clock.sleep(delayMs, closing).then(() => {
      isPlanned = false;
      controllers.settle();
      settle(controllers);
    }, () => {
      // The simulator was closed: what was planned is of no interest any more.
    });
  };
}

/** Sends bookmarks at intervals, for as long as anybody watches. */
function createBookmarking(
  server: ApiServer,
  intervalMs: number,
  signal: AbortSignal,
): () => void {
  const { clock, store } = server.state;
  let isRunning = false;
  async function run(): Promise<void> {
    try {
      do {
        await clock.sleep(intervalMs, { signal });
        sendBookmarks(server);
      } while (store.hubs().some((hub) => hub.watchers > 0));
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      isRunning = false;
    }
  }
  return () => {
    if (isRunning || intervalMs <= 0 || signal.aborted) return;
    isRunning = true;
    void run();
  };
}

function createNamespaces(server: ApiServer, names: readonly string[]): void {
  const resource = server.state.discovery.byKind("v1", "Namespace");
  if (resource === undefined) throw new TypeError("Cannot start: no kind Namespace");
  for (const name of names) {
    server.create(
      { resource, namespace: "" },
      { apiVersion: "v1", kind: "Namespace", metadata: { name } },
      { fieldManager: "kube-apiserver" },
    );
  }
}

function sendBookmarks(server: ApiServer): void {
  const { store, discovery } = server.state;
  for (const { storage, apiVersion, kind } of discovery.all()) {
    const metadata = { resourceVersion: String(store.version) };
    store.hub(storage).bookmark({ type: "BOOKMARK", object: { apiVersion, kind, metadata } });
  }
}

function expireWatches(server: ApiServer): void {
  const { store } = server.state;
  for (const hub of store.hubs()) {
    hub.forget(store.version);
    hub.closeAll(expired("too old resource version: history was dropped"));
  }
}
