// SPDX-License-Identifier: Apache-2.0

import {
  type Abortable,
  type Clock,
  type Cluster,
  ClusterError,
  type KubernetesObject,
  type Random,
  type ResourceType,
  type Selection,
  type WatchEvent,
} from "../../runtime/ports.ts";
import { type BackoffLimits, backoffMs, retryAfterMs } from "../queue/backoff.ts";
import { createNap, type Nap } from "../queue/nap.ts";
import {
  FIRST_WATCH_STATE,
  nextWatchState,
  type WatchFault,
  type WatchObservation,
  type WatchState,
} from "./watch_machine.ts";
import { unreachable } from "../../language/mod.ts";

/** How a watch fares. */
export type WatchHealth = "starting" | "current" | WatchFault;

/** Takes what a watch sees. Nothing here may throw or wait. */
export interface WatchSink {
  /** A list begins; what is not among its objects is gone when it ends. */
  listBegan(resource: ResourceType): void;
  listed(object: KubernetesObject): void;
  listEnded(resourceVersion: string): void;
  changed(event: WatchEvent): void;
  /** Told once per change. `cause` says why, `retryMs` when it is tried again. */
  healthChanged(health: WatchHealth, detail: { cause?: unknown; retryMs?: number }): void;
}

/** What a watch needs. */
export interface KindWatchOptions {
  readonly cluster: Pick<Cluster, "discover" | "list" | "watch">;
  readonly clock: Clock;
  readonly random: Random;
  readonly kind: Pick<ResourceType, "apiVersion" | "kind">;
  readonly selection: Selection;
  readonly sink: WatchSink;
  /** Objects per page of a list. */
  readonly pageSize?: number;
}

/** Follows the objects of one kind: list, watch, resume, and list again when that fails. */
export interface KindWatch {
  readonly health: WatchHealth;
  /** Follows until aborted. Never rejects. */
  run(options: Abortable): Promise<void>;
  /** Looks again now if the kind was not served: something suggests that it is. */
  retryNow(): void;
}

const WAITS: Readonly<Record<WatchFault, BackoffLimits>> = {
  notServed: { baseMs: 1_000, maxMs: 300_000 },
  // An API server that has just started forbids everything for some seconds: it does not know the
  // roles yet.
  forbidden: { baseMs: 1_000, maxMs: 300_000 },
  unavailable: { baseMs: 1_000, maxMs: 30_000 },
};

/** A watch that ends sooner than this without a word is answered with a back-off. */
const EARLY_MS = 1_000;
/** The failure of a watch that lasted this long is the first of its kind again. */
const STEADY_MS = 60_000;
/** What a watch missed while it was cut comes within this time after it is open again. */
const CATCH_UP_MS = 1_000;

interface Watching extends KindWatchOptions {
  readonly nap: Nap;
  isCurrent(): boolean;
  tell(health: WatchHealth, detail?: { cause?: unknown; retryMs?: number }): void;
}

/** Makes a watch of one kind; it begins with `run`. */
export function createKindWatch(options: KindWatchOptions): KindWatch {
  const nap = createNap(options.clock);
  let health: WatchHealth = "starting";
  let isHinted = false;
  const watching: Watching = {
    ...options,
    nap,
    isCurrent: () => health === "current",
    tell(next, detail = {}) {
      if (next === health) return;
      health = next;
      options.sink.healthChanged(next, detail);
    },
  };
  return {
    get health() {
      return health;
    },
    retryNow() {
      if (health !== "notServed") return;
      isHinted = true;
      nap.end();
    },
    async run({ signal }: Abortable): Promise<void> {
      let state = FIRST_WATCH_STATE;
      while (!signal.aborted) {
        // A hint is worth a few quick looks: a kind is served some time after its definition. One
        // that came while an answer was on its way may be newer than that answer.
        if (isHinted && isLookingFor(state)) state = FIRST_WATCH_STATE;
        isHinted = false;
        state = await step(watching, state, signal);
      }
    },
  };
}

function isLookingFor(state: WatchState): boolean {
  return (state.type === "waiting" ? state.then : state).type === "discovering";
}

async function step(
  watching: Watching,
  state: WatchState,
  signal: AbortSignal,
): Promise<WatchState> {
  try {
    return await act(watching, state, signal);
  } catch (failure) {
    if (signal.aborted) return state;
    return fail(watching, state, failure);
  }
}

function fail(watching: Watching, state: WatchState, failure: unknown): WatchState {
  const known = failure instanceof ClusterError ? failure : undefined;
  const waitMs = retryAfterMs(known?.retryAfterSeconds);
  const seen: WatchObservation = known?.status === undefined
    ? { type: "failed", retryAfterMs: waitMs }
    : { type: "failed", status: known.status, retryAfterMs: waitMs };
  const next = nextWatchState(state, seen);
  return next.type === "waiting" ? withWait(watching, next, failure) : next;
}

type Waiting = Extract<WatchState, { type: "waiting" }>;

/** Settles how long the wait is, so that it can be told. */
function withWait(watching: Watching, state: Waiting, cause?: unknown): Waiting {
  const backoff = backoffMs(state.failures, WAITS[state.fault], watching.random);
  const retryMs = Math.max(state.retryAfterMs, backoff);
  watching.tell(state.fault, cause === undefined ? { retryMs } : { cause, retryMs });
  return { ...state, retryAfterMs: retryMs };
}

async function act(
  watching: Watching,
  state: WatchState,
  signal: AbortSignal,
): Promise<WatchState> {
  switch (state.type) {
    case "discovering":
      return await discover(watching, state, signal);
    case "listing":
      return await listPage(watching, state, signal);
    case "watching":
      return await follow(watching, state, signal);
    case "waiting":
      await watching.nap.until(watching.clock.now() + state.retryAfterMs, { signal });
      return nextWatchState(state, { type: "waited" });
    default:
      return unreachable(state);
  }
}

async function discover(
  watching: Watching,
  state: WatchState,
  signal: AbortSignal,
): Promise<WatchState> {
  const resource = await watching.cluster.discover(watching.kind, { signal });
  const next = nextWatchState(state, { type: "discovered", resource });
  return next.type === "waiting" ? withWait(watching, next) : next;
}

async function listPage(
  watching: Watching,
  state: Extract<WatchState, { type: "listing" }>,
  signal: AbortSignal,
): Promise<WatchState> {
  const { cluster, selection, sink, pageSize = 500 } = watching;
  const page = state.page === undefined ? {} : { continue: state.page };
  const list = await cluster.list(
    state.resource,
    { ...selection, limit: pageSize, ...page },
    { signal },
  );
  // An answer that was here before the abort must not reach a sink that is no longer followed.
  signal.throwIfAborted();
  if (state.page === undefined) sink.listBegan(state.resource);
  for (const object of list.items) sink.listed(object);
  const next = nextWatchState(state, { type: "page", list });
  if (next.type === "watching") {
    sink.listEnded(list.resourceVersion);
    watching.tell("current");
  }
  return next;
}

async function follow(
  watching: Watching,
  state: Extract<WatchState, { type: "watching" }>,
  signal: AbortSignal,
): Promise<WatchState> {
  const { cluster, clock, selection, sink } = watching;
  const began = clock.now();
  let current: WatchState = state;
  const { resource, resourceVersion } = state;
  using opening = createOpening(watching);
  const options = { signal, onOpen: opening.opened };
  try {
    for await (
      const event of cluster.watch(resource, { ...selection, resourceVersion }, options)
    ) {
      signal.throwIfAborted();
      watching.tell("current");
      if (event.type !== "BOOKMARK") sink.changed(event);
      const version = event.object.metadata.resourceVersion;
      if (typeof version === "string") {
        current = nextWatchState(current, { type: "advanced", resourceVersion: version });
      }
    }
  } catch (failure) {
    if (signal.aborted) throw failure;
    const wasSteady = clock.now() - began >= STEADY_MS;
    return fail(watching, wasSteady ? { ...current, failures: 0 } : current, failure);
  }
  signal.throwIfAborted();
  const isEarly = current === state && clock.now() - began < EARLY_MS;
  const next = nextWatchState(current, { type: "ended", isEarly });
  return next.type === "waiting" ? withWait(watching, next) : next;
}

interface Opening extends Disposable {
  readonly opened: () => void;
}

/**
 * A kind of which nothing happens sends no event: a watch that is open again is current all the
 * same, as soon as what it missed can have come.
 */
function createOpening({ clock, isCurrent, tell }: Watching): Opening {
  const ended = new AbortController();
  return {
    opened() {
      if (isCurrent()) return;
      clock.sleep(CATCH_UP_MS, { signal: ended.signal }).then(() => tell("current"), () => {
        // The watch has come to its end before that.
      });
    },
    [Symbol.dispose]: () => ended.abort("ended"),
  };
}
