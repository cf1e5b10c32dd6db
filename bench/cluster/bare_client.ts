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

/** Objects that a client which does nothing else creates in a second. */
export async function bareWriteRate(
  cluster: Cluster,
  writes: readonly BareWrite[],
  { signal, atOnce }: Abortable & { readonly atOnce: number },
): Promise<number> {
  const started = performance.now();
  await inFlight(writes, atOnce, ({ path, body }) => cluster.create(path, body, { signal }));
  return writes.length / (performance.now() - started) * 1_000;
}
