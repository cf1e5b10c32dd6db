// SPDX-License-Identifier: Apache-2.0

import type { RegistryLog } from "./registry_log.ts";
import type { ProgramChange } from "./source_follower.ts";

/** Those who are told of changes of definitions, in order. */
export interface ChangeListeners {
  /** Returns what ends the subscription. */
  readonly subscribe: (listener: (change: ProgramChange) => void) => () => void;
  /** Tells all of them; one that throws keeps no other from hearing of it. */
  readonly tell: (change: ProgramChange) => void;
}

/** Nobody listens yet. */
export function createChangeListeners(log: Pick<RegistryLog, "listenerFailed">): ChangeListeners {
  const listeners = new Set<(change: ProgramChange) => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(change) {
      for (const listener of listeners) {
        try {
          listener(change);
        } catch (error) {
          log.listenerFailed(error);
        }
      }
    },
  };
}
