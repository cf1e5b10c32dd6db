// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../runtime/mod.ts";

/**
 * A clock that stands still at 1970: no test waits, and no deadline passes. Sleepers wake only
 * when they are aborted.
 */
export const testClock: Clock = {
  now: () => 0,
  sleep: (_delayMs, { signal }) =>
    new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
};
