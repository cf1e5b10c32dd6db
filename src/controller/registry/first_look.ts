// SPDX-License-Identifier: Apache-2.0

import type { Abortable, Clock } from "../../runtime/ports.ts";

/** So long everything waits at most for a channel that was not recorded. */
const FIRST_LOOK_MS = 10_000;

/**
 * Waits for the first look at every source, but not for a source that takes its time: other
 * channels are recorded, and their triggers wait with it.
 *
 * @throws The reason of the signal
 */
export async function firstLook(
  tried: Promise<void>,
  clock: Pick<Clock, "sleep">,
  { signal }: Abortable,
): Promise<void> {
  const done = new AbortController();
  const patience = clock.sleep(FIRST_LOOK_MS, { signal: AbortSignal.any([signal, done.signal]) })
    .catch(() => signal.throwIfAborted());
  await Promise.race([tried, patience]);
  done.abort();
}
