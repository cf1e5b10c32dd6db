// SPDX-License-Identifier: Apache-2.0

import { ok } from "node:assert/strict";
import { processLoad, watchEventLoop } from "../../src/adapters/process_load.ts";

Deno.test("a timer that fires late tells how late it was", async () => {
  const seen = Promise.withResolvers<number>();
  using _watch = watchEventLoop((seconds) => void (seconds > 0.05 && seen.resolve(seconds)));
  const end = performance.now() + 300;
  while (performance.now() < end) {
    // What computes keeps every timer waiting.
  }
  const seconds = await seen.promise;
  ok(seconds >= 0.1 && seconds < 60, `${seconds} s`);
});

Deno.test("the process says what it takes of its machine", () => {
  const before = processLoad();
  const after = processLoad();
  ok(before.residentBytes > 10_000_000, `${before.residentBytes} bytes`);
  ok(before.cpuSeconds > 0 && after.cpuSeconds >= before.cpuSeconds);
});
