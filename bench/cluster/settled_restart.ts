// SPDX-License-Identifier: Apache-2.0

import type { ReconcilerProcess } from "../../tests/cluster/reconciler_process.ts";
import { pause } from "../../tests/until.ts";
import { cpuSecondsOf, type Memory, memoryOf } from "./process_figures.ts";
import { difference, type RequestCounts } from "./request_counts.ts";

/** What a restart finds, and how it is watched. */
export interface SettledRestartOptions {
  readonly triggers: number;
  /** Starts the reconciler, which listens on that port. */
  readonly start: (port: number) => ReconcilerProcess;
  /** Requests that the API server has answered so far. */
  readonly requests: () => Promise<RequestCounts>;
  readonly idleSeconds: number;
  readonly signal: AbortSignal;
}

/** A restart with nothing to do, and what comes after it. */
export interface SettledRestart {
  /** From the start of the process until it has run every trigger. */
  readonly seconds: number;
  readonly requests: RequestCounts;
  readonly memory: Memory;
  readonly idle: {
    readonly requests: RequestCounts;
    /** Of one core. */
    readonly cpuShare: number;
  };
}

/** Restarts a reconciler whose triggers are all settled, then leaves it alone. */
export async function measureSettledRestart(
  options: SettledRestartOptions,
): Promise<SettledRestart> {
  const { requests, triggers, idleSeconds, signal } = options;
  const before = await requests();
  const port = freePort();
  const started = performance.now();
  await using reconciler = options.start(port);
  await Promise.race([untilRan(port, triggers, signal), reconciler.untimelyEnd]);
  const seconds = (performance.now() - started) / 1_000;
  await pause(SETTLE_MS);
  const settled = await requests();
  const memory = memoryOf(reconciler.pid);
  const cpu = cpuSecondsOf(reconciler.pid);
  await pause(idleSeconds * 1_000);
  const cpuShare = (cpuSecondsOf(reconciler.pid) - cpu) / idleSeconds;
  const idle = { requests: difference(settled, await requests()), cpuShare };
  return { seconds, requests: difference(before, settled), memory, idle };
}

const LOOK_MS = 20;
/** What was begun with the last run comes to its end, such as a list of Events. */
const SETTLE_MS = 2_000;

/** Waits until so many runs have ended, and nothing is due or runs. */
async function untilRan(port: number, triggers: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const page = await metricsPage(port);
    const isQuiet = sum(page, /^koreo_queue_triggers\{state="(ready|running)"\}/) === 0;
    if (isQuiet && sum(page, /^koreo_reconciles_total\{/) >= triggers) return;
    await pause(LOOK_MS);
  }
}

/** The metrics of the reconciler; empty while it does not listen yet. */
async function metricsPage(port: number): Promise<string> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  } catch {
    return "";
  }
}

function sum(page: string, line: RegExp): number {
  return page.split("\n").filter((each) => line.test(each))
    .reduce((total, each) => total + Number(each.slice(each.lastIndexOf(" "))), 0);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
