// SPDX-License-Identifier: Apache-2.0

import type {
  Abortable,
  Cluster,
  KubernetesObject,
  ResourcePath,
} from "../../src/runtime/ports.ts";

/** An object to write, and where. */
export interface BareWrite {
  readonly path: ResourcePath & { readonly namespace: string };
  readonly body: KubernetesObject;
}

/** What the writes of a bare client took, in seconds. */
export interface BareRound {
  readonly seconds: number;
  readonly clientCpu: number;
  readonly serverCpu: number;
}

/** Does `work` for every item, `atOnce` at a time. */
export async function inFlight<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const lane = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** How long a client which does nothing else takes to create all of them. */
export async function bareWriteSeconds(
  cluster: Cluster,
  writes: readonly BareWrite[],
  { signal, atOnce }: Abortable & { readonly atOnce: number },
): Promise<number> {
  const started = performance.now();
  await inFlight(writes, atOnce, ({ path, body }) => cluster.create(path, body, { signal }));
  return (performance.now() - started) / 1_000;
}
