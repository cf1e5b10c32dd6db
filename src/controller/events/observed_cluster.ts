// SPDX-License-Identifier: Apache-2.0

import { type Clock, type Cluster, ClusterError, type WatchEvent } from "../../runtime/ports.ts";
import type { ClusterVerb, ControllerEvent } from "./controller_event.ts";

/**
 * A cluster of which every request is told when it has come to its end. Whoever puts the parts
 * together wraps it once, for all who ask it: the controller, the record, the requests for releases.
 *
 * @param cluster Where requests go
 * @param options Measures how long they take, and is told as `request-ended`
 * @returns A cluster that answers as the one given does
 */
export function createObservedCluster(
  cluster: Cluster,
  { clock, observe }: {
    readonly clock: Pick<Clock, "now">;
    readonly observe: (event: Extract<ControllerEvent, { type: "request-ended" }>) => void;
  },
): Cluster {
  async function told<T>(verb: ClusterVerb, ask: () => Promise<T>): Promise<T> {
    const tell = begin(verb);
    try {
      const answer = await ask();
      tell(200);
      return answer;
    } catch (failure) {
      tell(statusOf(failure));
      throw failure;
    }
  }

  function begin(verb: ClusterVerb): (status: number) => void {
    const began = clock.now();
    return (status) => {
      observe({ type: "request-ended", verb, status, durationMs: clock.now() - began });
    };
  }

  return {
    discover: (...given) => told("discover", () => cluster.discover(...given)),
    get: (...given) => told("get", () => cluster.get(...given)),
    create: (...given) => told("create", () => cluster.create(...given)),
    patch: (...given) => told("patch", () => cluster.patch(...given)),
    delete: (...given) => told("delete", () => cluster.delete(...given)),
    list: (...given) => told("list", () => cluster.list(...given)),
    async *watch(...given): AsyncGenerator<WatchEvent, void, undefined> {
      const tell = begin("watch");
      let status = 200;
      try {
        yield* cluster.watch(...given);
      } catch (failure) {
        status = statusOf(failure);
        throw failure;
      } finally {
        tell(status);
      }
    },
  };
}

function statusOf(failure: unknown): number {
  return failure instanceof ClusterError ? failure.status ?? 0 : 0;
}
