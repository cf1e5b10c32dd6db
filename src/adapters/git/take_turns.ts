// SPDX-License-Identifier: Apache-2.0

import type { Abortable } from "../../runtime/ports.ts";

/** Longest work before others have their turn. */
const SLICE_MS = 25;

/**
 * Lets others have their turn when it is time: what is mirrored in memory never has to be waited
 * for, so that nothing else would come between.
 *
 * @returns What is to be called after each step; it rejects with the reason of the abort
 */
export function takeTurns({ signal }: Abortable): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < SLICE_MS) return undefined;
    return new Promise<void>((resolve) => setTimeout(resolve)).then(() => {
      signal.throwIfAborted();
      since = performance.now();
    });
  };
}
