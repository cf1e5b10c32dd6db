// SPDX-License-Identifier: Apache-2.0

/**
 * What work takes of the machine, counted for the thread of a test file alone: other files run
 * beside it in the same process, and other processes beside that.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import process from "node:process";

/** Many times what the longest of these works takes, and a trifle to what grows without bounds. */
const MAX_MS = 30_000;

/**
 * Does work that must not grow out of bounds. What counts is the time that this thread has had a
 * processor: time itself would say how busy the machine is.
 */
export function endsSoon<T>(work: () => T): T {
  const before = process.threadCpuUsage();
  const result = work();
  const { user, system } = process.threadCpuUsage(before);
  const tookMs = Math.round((user + system) / 1_000);
  ok(tookMs < MAX_MS, `it took ${tookMs} ms of a processor`);
  return result;
}

/** Memory that this thread holds by now, garbage included. */
export function heldBytes(): number {
  const { heapTotal, external } = Deno.memoryUsage();
  return heapTotal + external;
}
