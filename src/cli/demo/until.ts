// SPDX-License-Identifier: Apache-2.0

import type { Cluster, KubernetesObject, ObjectPath } from "../../runtime/ports.ts";

/** Longest time that the demo waits for anything. */
const PATIENCE_MS = 60_000;

/** What was waited for did not come. */
export class StoryError extends Error {
  override readonly name = "StoryError";
}

/**
 * Waits until an object, or its absence, is as told, following it by watch.
 *
 * @returns The object; `undefined` when its absence was waited for
 * @throws {StoryError} If it takes longer than a minute
 */
export async function untilObject(
  cluster: Cluster,
  path: ObjectPath,
  wanted: {
    readonly what: string;
    is(object: KubernetesObject | undefined): boolean;
    readonly signal: AbortSignal;
  },
): Promise<KubernetesObject | undefined> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const done = new AbortController();
  const signal = AbortSignal.any([wanted.signal, patience, done.signal]);
  const selection = selectionOf(path);
  try {
    const { items: [first], resourceVersion } = await cluster.list(path, selection, { signal });
    if (wanted.is(first)) return first;
    for await (
      const { type, object } of cluster.watch(path, { ...selection, resourceVersion }, { signal })
    ) {
      const now = type === "DELETED" ? undefined : object;
      if (type !== "BOOKMARK" && wanted.is(now)) return now;
    }
    throw new StoryError(`Cannot go on: the watch for ${wanted.what} ended`);
  } catch (error) {
    if (patience.aborted) {
      throw new StoryError(`Cannot go on: no ${wanted.what} within ${PATIENCE_MS / 1_000} s`);
    }
    throw error;
  } finally {
    done.abort();
  }
}

function selectionOf({ namespace, name }: ObjectPath) {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    fieldSelector: `metadata.name=${name}`,
  };
}
