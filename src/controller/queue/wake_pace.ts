// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../runtime/ports.ts";

/** Says when the next of many runs that become due together is to begin. */
export interface WakePace {
  /** Milliseconds from now; 0 as long as few were asked for. */
  delayMs(): number;
}

/** How many begin together, and how many follow in each second. */
export interface WakeRate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Makes a pace that nobody has asked yet. */
export function createWakePace(clock: Pick<Clock, "now">, rate: WakeRate): WakePace {
  const intervalMs = 1_000 / rate.perSecond;
  /** When all that were asked for would have begun, one after the other. */
  let end = -Infinity;
  return {
    delayMs() {
      const now = clock.now();
      end = Math.max(end, now) + intervalMs;
      return Math.max(0, Math.round(end - now - rate.burst * intervalMs));
    },
  };
}
