// SPDX-License-Identifier: Apache-2.0

import type { KubernetesObject, WatchEvent } from "../runtime/ports.ts";
import type { ObjectFilter } from "./selector.ts";
import { expired, type StatusError } from "./status_error.ts";

/** A change of one object. */
export interface StoreEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly version: number;
  readonly object: KubernetesObject;
  /** The object before; absent for ADDED. */
  readonly previous?: KubernetesObject;
}

/** Which changes a watch is told of. */
export interface WatchScope {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly filter?: ObjectFilter | undefined;
}

/** A running watch. */
export interface WatchFeed {
  /** The next event; `undefined` when the server has ended the watch. */
  next(): Promise<WatchEvent | undefined>;
  /** Ends it. Events that wait are dropped, and whoever waits for one gets `undefined`. */
  close(): void;
}

/** Limits of what is kept for watches. */
export interface WatchLimits {
  /** Changes remembered for each kind. */
  readonly historyEvents: number;
  /** Events that may wait for one reader; more end its watch. */
  readonly queuedEvents: number;
}

/** Changes of one kind: those of late, and who is told of new ones. */
export interface WatchHub {
  publish(event: StoreEvent): void;
  /**
   * Follows the changes after `version`.
   *
   * @throws {StatusError} 410 when history does not reach back so far
   */
  follow(scope: WatchScope, version: number): WatchFeed;
  /** Tells every watch how far it has come. */
  bookmark(event: WatchEvent): void;
  /** Ends every watch; with a refusal, when one is given. */
  closeAll(refusal?: StatusError): void;
  /** Forgets all changes up to now, so that a watch from before gets 410. */
  forget(version: number): void;
  readonly watchers: number;
}

interface Watcher {
  readonly scope: WatchScope;
  push(event: WatchEvent): void;
  end(refusal?: StatusError): void;
}

/** A hub without history or watchers. */
export function createWatchHub(limits: WatchLimits): WatchHub {
  const history: StoreEvent[] = [];
  const watchers = new Set<Watcher>();
  let forgottenVersion = 0;

  function remember(event: StoreEvent): void {
    history.push(event);
    // Cut in bulk: one splice for a quarter of the window keeps the cost per event constant.
    if (history.length <= limits.historyEvents * 1.25) return;
    const cut = history.splice(0, history.length - limits.historyEvents);
    forgottenVersion = cut.at(-1)?.version ?? forgottenVersion;
  }

  return {
    get watchers() {
      return watchers.size;
    },
    publish(event) {
      remember(event);
      for (const watcher of watchers) {
        const seen = eventInScope(event, watcher.scope);
        if (seen !== undefined) watcher.push(seen);
      }
    },
    follow(scope, version) {
      if (version < forgottenVersion) {
        throw expired(`too old resource version: ${version} (${forgottenVersion + 1})`);
      }
      const missed = history.slice(firstAfter(history, version))
        .map((event) => eventInScope(event, scope)).filter((event) => event !== undefined);
      const { watcher, feed } = createWatcher(scope, limits, () => watchers.delete(watcher));
      watchers.add(watcher);
      for (const event of missed) watcher.push(event);
      return feed;
    },
    bookmark(event) {
      for (const watcher of watchers) watcher.push(event);
    },
    closeAll(refusal) {
      for (const watcher of [...watchers]) watcher.end(refusal);
    },
    forget(version) {
      history.length = 0;
      forgottenVersion = version;
    },
  };
}

function createWatcher(
  scope: WatchScope,
  limits: WatchLimits,
  detach: () => void,
): { readonly watcher: Watcher; readonly feed: WatchFeed } {
  let queue: WatchEvent[] = [];
  let head = 0;
  let ended = false;
  let refusal: StatusError | undefined;
  let waiting: PromiseWithResolvers<WatchEvent | undefined> | undefined;

  function end(why?: StatusError): void {
    if (ended) return;
    ended = true;
    refusal = why;
    detach();
    if (waiting === undefined) return;
    if (why === undefined) waiting.resolve(undefined);
    else waiting.reject(why);
    waiting = undefined;
  }
  function push(event: WatchEvent): void {
    if (ended) return;
    if (waiting !== undefined) {
      waiting.resolve(event);
      waiting = undefined;
    } else if (queue.length - head >= limits.queuedEvents) end();
    else queue.push(event);
  }
  function take(): WatchEvent | undefined {
    const event = queue[head++];
    if (head >= queue.length) {
      queue = [];
      head = 0;
    }
    return event;
  }
  return {
    watcher: { scope, push, end },
    feed: {
      next() {
        if (head < queue.length) return Promise.resolve(take());
        if (refusal !== undefined) return Promise.reject(refusal);
        if (ended) return Promise.resolve(undefined);
        waiting ??= Promise.withResolvers();
        return waiting.promise;
      },
      close() {
        queue = [];
        head = 0;
        end();
      },
    },
  };
}

/** The event as a watch of this scope sees it: objects may move into its selection and out of it. */
function eventInScope(event: StoreEvent, scope: WatchScope): WatchEvent | undefined {
  const { type, object, previous } = event;
  if (scope.namespace !== undefined && object.metadata.namespace !== scope.namespace) {
    return undefined;
  }
  if (scope.filter === undefined) return { type, object };
  const isIn = type !== "DELETED" && scope.filter(object);
  const wasIn = previous !== undefined && scope.filter(previous);
  if (isIn) return { type: wasIn ? "MODIFIED" : "ADDED", object };
  if (!wasIn) return undefined;
  return { type: "DELETED", object: type === "DELETED" ? object : leaving(previous, object) };
}

// An object that leaves the selection is shown as it last was within it, at the new version.
function leaving(previous: KubernetesObject, now: KubernetesObject): KubernetesObject {
  const resourceVersion = now.metadata.resourceVersion ?? "";
  return { ...previous, metadata: { ...previous.metadata, resourceVersion } };
}

/** Index of the first event after `version`, by bisection. */
function firstAfter(history: readonly StoreEvent[], version: number): number {
  let low = 0;
  let high = history.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((history[middle]?.version ?? 0) <= version) low = middle + 1;
    else high = middle;
  }
  return low;
}
