// SPDX-License-Identifier: Apache-2.0

import type {
  Abortable,
  Cluster,
  KubernetesObject,
  ResourcePath,
} from "../../src/runtime/ports.ts";

/** An object that was seen to appear. */
export interface Arrival {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** `performance.now()` of its event. */
  readonly at: number;
}

/** Watches a namespace for objects that appear. */
export interface Arrivals {
  readonly seen: readonly Arrival[];
  /** Resolves once `count` objects have appeared. */
  untilCount(count: number, options: Abortable): Promise<void>;
  /** Resolves with the next object of that kind and name which is not `formerUid`. */
  untilReplaced(kind: string, name: string, formerUid: string): Promise<Arrival>;
  /** Ends the watches. */
  stop(): Promise<void>;
}

/**
 * Starts to watch, from now on.
 *
 * The whole cluster is watched, so that every writer in any namespace is slowed down alike.
 */
export async function watchArrivals(
  cluster: Cluster,
  kinds: readonly ResourcePath[],
  namespace: string,
): Promise<Arrivals> {
  const stopping = new AbortController();
  const options = { signal: stopping.signal };
  const seen: Arrival[] = [];
  const listeners = new Set<(arrival: Arrival) => void>();
  const watches = await Promise.all(kinds.map(async (kind) => {
    const selection = { metadataOnly: true };
    let { resourceVersion } = await cluster.list(kind, selection, options);
    return async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        for await (const event of cluster.watch(kind, { ...selection, resourceVersion }, options)) {
          resourceVersion = String(event.object.metadata["resourceVersion"]);
          if (event.type !== "ADDED" || event.object.metadata["namespace"] !== namespace) continue;
          const arrival = arrivalOf(event.object);
          seen.push(arrival);
          for (const listener of listeners) listener(arrival);
        }
      }
    };
  }));
  const running = Promise.allSettled(watches.map((watch) => watch()));

  return {
    seen,
    async untilCount(count, { signal }) {
      while (seen.length < count) {
        signal.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    untilReplaced(kind, name, formerUid) {
      const { promise, resolve } = Promise.withResolvers<Arrival>();
      const listener = (arrival: Arrival): void => {
        if (arrival.kind === kind && arrival.name === name && arrival.uid !== formerUid) {
          resolve(arrival);
        }
      };
      listeners.add(listener);
      return promise.finally(() => listeners.delete(listener));
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function arrivalOf({ kind, metadata }: KubernetesObject): Arrival {
  return {
    kind,
    name: String(metadata["name"]),
    uid: String(metadata["uid"]),
    at: performance.now(),
  };
}
