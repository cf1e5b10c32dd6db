// SPDX-License-Identifier: Apache-2.0

import { TransportError } from "./failure.ts";
import type { ObjectStore } from "./object_store.ts";

/** A mirror that seems damaged is made anew no more often: the server may be what is broken. */
export const REBUILD_MS = 600_000;

/**
 * Whether a failure can come of a mirror that is not whole: a disk that was full or has a fault, or
 * a server that left objects out.
 */
export function mayBeDamage(error: unknown): boolean {
  if (error instanceof TransportError) return error.code === "broken-transfer";
  return error instanceof Error && "code" in error && error.code === "NotFoundError";
}

/** What another object names is there, and is what its id says, unless something broke. */
export function watchedStore(store: ObjectStore, onDamage: () => void): ObjectStore {
  const watched =
    <Rest extends unknown[], T>(read: (...all: Rest) => Promise<T>) => (...all: Rest) =>
      read(...all).catch((error: unknown) => {
        if (mayBeDamage(error)) onDamage();
        throw error;
      });
  return {
    ...store,
    tree: watched(store.tree),
    blob: watched(store.blob),
    ancestor: watched(store.ancestor),
  };
}
