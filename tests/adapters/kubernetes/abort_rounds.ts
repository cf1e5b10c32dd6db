// SPDX-License-Identifier: Apache-2.0

/**
 * Opens requests whose answers stop in their middle, drops every reference but the caller's own,
 * collects garbage, aborts, and counts what settles:
 * `deno run -A --v8-flags=--expose-gc abort_rounds.ts watch|get ROUNDS REQUESTS`. Prints one JSON
 * object.
 *
 * A process of its own, because only a collection at the wrong moment loses an abort, and only a
 * process can be counted.
 *
 * @module
 */

import { type ClusterConnection, connectCluster } from "../../../src/adapters/kubernetes/mod.ts";
import { PATIENCE_MS, pause, until } from "../../until.ts";

const TYPE = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };

/** Files that the process may open beside its connections. */
const OTHER_FILES = 8;

const EVENT = '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}\n';
const ANSWERS = {
  watch: `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${
    EVENT.length.toString(16)
  }\r\n${EVENT}\r\n`,
  get: 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"metadata":',
};

const mode = Deno.args[0] === "get" ? "get" : "watch";
const rounds = Number(Deno.args[1]);
const requests = Number(Deno.args[2]);
let answered = 0;
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
serve(ANSWERS[mode]);
const server = `http://127.0.0.1:${listener.addr.port}`;
const cluster = await connectCluster({ server }, { requestTimeoutMs: 10 * PATIENCE_MS });

let unsettled = await abortAll(cluster);
const openFiles = [await lasting(Infinity)];
for (let round = 1; round < rounds; round++) {
  unsettled += await abortAll(cluster);
  openFiles.push(await lasting(Math.min(...openFiles) + OTHER_FILES));
}
// deno-lint-ignore no-console
console.log(JSON.stringify({ unsettled, openFiles }));
Deno.exit(0); // a lost abort would keep the process

/** Answers each connection once and closes it when the other side does. */
async function serve(answer: string): Promise<void> {
  for await (const connection of listener) {
    hold(connection, answer).catch(() => {}).finally(() => connection.close());
  }
}

async function hold(connection: Deno.Conn, answer: string): Promise<void> {
  const buffer = new Uint8Array(4_096);
  await connection.read(buffer);
  await connection.write(new TextEncoder().encode(answer));
  answered++;
  while (await connection.read(buffer) !== null);
}

/** How many of a round's requests did not end after the abort. */
async function abortAll(cluster: ClusterConnection): Promise<number> {
  const caller = new AbortController();
  const before = answered;
  let settled = 0;
  for (let request = 0; request < requests; request++) {
    send(cluster, caller.signal).catch(() => settled++);
  }
  await waitFor(() => answered - before === requests);
  await collectGarbage();
  caller.abort("enough");
  await waitFor(() => settled === requests);
  return requests - settled;
}

async function send(cluster: ClusterConnection, signal: AbortSignal): Promise<void> {
  if (mode === "get") await cluster.get({ ...TYPE, namespace: "a", name: "b" }, { signal });
  const events = cluster.watch(TYPE, { resourceVersion: "1" }, { signal });
  for await (const _event of events);
}

async function collectGarbage(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await pause(10);
    (globalThis as { gc?: () => void }).gc?.();
  }
}

/** Open files that stay: connections close on both sides, one after the other, down to `usual`. */
async function lasting(usual: number): Promise<number> {
  await pause(50);
  await waitFor(() => countOpenFiles() <= usual);
  return countOpenFiles();
}

/** Open files of this process, or 0 where the system does not show them. */
function countOpenFiles(): number {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return 0;
  }
}

/** Waits as long as it may take on any machine; what is counted afterwards tells. */
async function waitFor(isTrue: () => boolean): Promise<void> {
  await until("it settles", isTrue).catch(() => {});
}
