// SPDX-License-Identifier: Apache-2.0

import type { Abortable, Clock } from "../../runtime/ports.ts";

/** A sleep that can be ended early. One sleeper at a time. */
export interface Nap {
  /** Sleeps until the time, `end` or the abort, whichever is first. Never rejects. */
  until(timeMs: number, options: Abortable): Promise<void>;
  /** Wakes the sleeper; without effect when nobody sleeps. */
  end(): void;
}

/** Makes a nap. */
export function createNap(clock: Clock): Nap {
  let end: () => void = () => {};
  return {
    end: () => end(),
    async until(timeMs: number, { signal }: Abortable): Promise<void> {
      if (signal.aborted) return;
      const ended = new AbortController();
      // With a reason: making the default one costs more than the nap.
      end = () => ended.abort("over");
      signal.addEventListener("abort", end, { once: true });
      try {
        await sleep(clock, timeMs, ended.signal);
      } finally {
        signal.removeEventListener("abort", end);
        end = () => {};
      }
    },
  };
}

async function sleep(clock: Clock, timeMs: number, signal: AbortSignal): Promise<void> {
  if (timeMs === Infinity) {
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    return;
  }
  // The only rejection is our own abort, which ends the nap as the time would.
  await clock.sleep(Math.max(0, timeMs - clock.now()), { signal }).catch(() => {});
}
