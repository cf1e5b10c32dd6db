// SPDX-License-Identifier: Apache-2.0

/**
 * Opens watches on a loopback server, drops every reference but the caller's own, collects
 * garbage, aborts, and counts what settles: `deno run -A --v8-flags=--expose-gc abort_rounds.ts
 * ROUNDS WATCHES`. Prints one JSON object.
 *
 * A process of its own, because only a collection at the wrong moment loses an abort, and only a
 * process can be counted.
 *
 * @module
 */

import { connectCluster } from "../../../src/adapters/kubernetes/mod.ts";

const TYPE = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };
const SETTLE_MS = 5_000;

const rounds = Number(Deno.args[0]);
const watches = Number(Deno.args[1]);
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, silentWatch);
const cluster = await connectCluster({ server: `http://127.0.0.1:${server.addr.port}` });

let unsettled = 0;
const openFiles: number[] = [];
for (let round = 0; round < rounds; round++) {
  unsettled += await abortAll();
  openFiles.push(await countOpenFiles());
}
// deno-lint-ignore no-console
console.log(JSON.stringify({ unsettled, openFiles }));
Deno.exit(0); // a lost abort would keep the server from shutting down

/** A watch that says hello and then nothing. */
function silentWatch(): Response {
  const hello = '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}\n';
  return new Response(
    new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode(hello)) }),
  );
}

/** How many of a round's watches did not end after the abort. */
async function abortAll(): Promise<number> {
  const caller = new AbortController();
  const opened: Promise<void>[] = [];
  let settled = 0;
  for (let watch = 0; watch < watches; watch++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    opened.push(promise);
    follow(caller.signal, resolve).catch(() => settled++);
  }
  await Promise.all(opened);
  await collectGarbage();
  caller.abort("enough");
  const patience = Date.now() + SETTLE_MS;
  while (settled < watches && Date.now() < patience) await pause(5);
  return watches - settled;
}

async function follow(signal: AbortSignal, hello: () => void): Promise<void> {
  for await (const _event of cluster.watch(TYPE, { resourceVersion: "1" }, { signal })) hello();
}

async function collectGarbage(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    (globalThis as { gc?: () => void }).gc?.();
    await pause(1);
  }
}

/** Open files of this process, or 0 where the system does not show them. */
async function countOpenFiles(): Promise<number> {
  await pause(50); // connections close on both sides, one after the other
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return 0;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
