// SPDX-License-Identifier: Apache-2.0

import { setImmediate } from "node:timers";
import type { Clock, Random, YieldNow } from "../runtime/ports.ts";

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep(delayMs, { signal }) {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, Math.min(delayMs, LONGEST_TIMER_MS));
    signal.addEventListener("abort", abort, { once: true });
    return promise;
  },
};

/** A longer timer would fire at once: its delay is a signed 32-bit number. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Timers, answers and messages that have come are served first. */
export const systemYield: YieldNow = (): Promise<void> =>
  new Promise((resolve) => void setImmediate(() => resolve()));

/** The machine's chance. */
export const systemRandom: Random = { next: () => Math.random() };

/** What tells this process from others that do the same: the name of its pod, where it has one. */
export function processName(): string {
  return Deno.env.get("HOSTNAME") || "koreo";
}
