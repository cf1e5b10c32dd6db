// SPDX-License-Identifier: Apache-2.0

import { cpuUsage } from "node:process";

/** What the process takes of its machine. */
export interface ProcessLoad {
  readonly residentBytes: number;
  /** Of all threads, since the start. */
  readonly cpuSeconds: number;
}

/** What the process takes at the moment. */
export function processLoad(): ProcessLoad {
  const { user, system } = cpuUsage();
  return { residentBytes: Deno.memoryUsage().rss, cpuSeconds: (user + system) / 1_000_000 };
}

const EVERY_MS = 100;

/** Tells ten times a second how late its timer fired, in seconds, until it is disposed of. */
export function watchEventLoop(tell: (delaySeconds: number) => void): Disposable {
  let due = performance.now() + EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    tell(Math.max(0, now - due) / 1000);
    due = now + EVERY_MS;
  }, EVERY_MS);
  // It keeps no process alive.
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
