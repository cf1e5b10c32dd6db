// SPDX-License-Identifier: Apache-2.0

/**
 * Measures hot reload: a reconciler in a process of its own follows a repository of 2,000 files on
 * 50 branches behind `git http-backend`; pushes are told to its webhook. How long from a push until
 * it is in force, how long the event loop that reconciles stands still (also at the start, and at a
 * start after a crash with all of it in the record), and whether memory stays flat
 * (docs/ARCHITECTURE.md section 8).
 *
 * Usage: deno task bench:reload [--files 2000] [--branches 50] [--pushes 1000] [-o json] [--check].
 * Needs git.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a tool speaks to the terminal

import { createHmac } from "node:crypto";
import { parseArgs } from "node:util";
import { MEMORY_LIMIT_MEBIBYTES } from "./deployment.ts";
import { makeServedFixture, type ServedFixture } from "../tests/git/served_fixture.ts";
import {
  longerStall,
  NO_STALL,
  type ReloadingProcess,
  type Stall,
  startReloading,
} from "./reload/reloading_process.ts";
import { serveCluster } from "./reload/served_cluster.ts";
import { branchesOf, changedFunction, firstFiles, groupsOf } from "./reload/team_repository.ts";
import { type Row, row, rowText } from "./row.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    files: { type: "string", default: "2000" },
    branches: { type: "string", default: "50" },
    pushes: { type: "string", default: "1000" },
    output: { type: "string", short: "o", default: "text" },
    check: { type: "boolean", default: false },
  },
});

const SIZE = { files: Number(values.files), branches: Number(values.branches) };
const PUSHES = Number(values.pushes);
/** Pushes until memory is taken for settled. */
const WARM_PUSHES = Math.min(100, Math.floor(PUSHES / 3));
/** Pushes over which memory is looked at: collections make it rise and fall like a saw. */
const MEMORY_PUSHES = Math.max(1, Math.min(100, Math.floor((PUSHES - WARM_PUSHES) / 2)));
/** Every so many pushes one goes to the branch that all others lie over. */
const MAIN_EVERY = 4;
const SECRET = "of the benchmark";
const MEBIBYTE = 2 ** 20;
/** After a start, until it counts as over. */
const SETTLE_MS = 2_000;
/** From one look at the record to the next. */
const RECORD_LOOK_MS = 250;

const rows = await measure();
if (values.output === "json") console.log(JSON.stringify(rows, undefined, 2));
else for (const each of rows) console.log(rowText(each));
if (values.check && rows.some(({ holds }) => holds === false)) Deno.exitCode = 1;

async function measure(): Promise<readonly Row[]> {
  await using fixture = await makeServedFixture();
  await using cluster = await serveCluster();
  const heads = await fillRepository(fixture);
  const secretFile = await Deno.makeTempFile();
  await Deno.writeTextFile(secretFile, SECRET);
  try {
    const launch = () => start(fixture.url, { secretFile, kubeconfig: cluster.kubeconfig });
    const [started, restarted] = await measureStarts(launch, { heads, records: cluster.records });
    await using reconciler = restarted.reconciler;
    const pushed = await pushAll(fixture, reconciler);
    return report({ ...pushed, started, restarted });
  } finally {
    await Deno.remove(secretFile);
  }
}

/** The heads of the branches, in order. */
async function fillRepository(fixture: ServedFixture): Promise<readonly string[]> {
  const first = await fixture.commit("main", { files: firstFiles(SIZE) });
  const heads = [first];
  for (const [index, branch] of branchesOf(SIZE).slice(1).entries()) {
    await fixture.setBranch(branch, first);
    const files = changedFunction(index % groupsOf(SIZE), 1, 2);
    heads.push(await fixture.commit(branch, { files }));
  }
  return heads;
}

function start(
  repository: string,
  { secretFile, kubeconfig }: { readonly secretFile: string; readonly kubeconfig: string },
): ReloadingProcess {
  return startReloading([
    ...["--repo", repository, "--path", "koreo", "--branch", "main", "--interval", "1h"],
    ...["--channel", "preview=preview/*", "--kubeconfig", kubeconfig],
    ...["--listen", "127.0.0.1:0", "--webhook-secret-file", secretFile],
  ]);
}

interface StartPlace {
  readonly heads: readonly string[];
  /** How many channels the record holds. */
  readonly records: () => Promise<number>;
}

/** From an empty cluster; then, after a crash, from the record of all channels. */
async function measureStarts(
  launch: () => ReloadingProcess,
  { heads, records }: StartPlace,
): Promise<readonly [Started, Started & { readonly reconciler: ReloadingProcess }]> {
  const first = launch();
  let started: Started;
  try {
    started = await untilAllInForce("start", first, heads);
    while (await records() < heads.length) await pause(RECORD_LOOK_MS);
  } finally {
    await first.kill();
    await first[Symbol.asyncDispose]();
  }
  const reconciler = launch();
  return [started, { ...await untilAllInForce("restart", reconciler, heads), reconciler }];
}

/** How long a start took, and what it did to the event loop. */
interface Started {
  readonly tookMs: number;
  readonly stall: Stall;
}

async function untilAllInForce(
  what: string,
  reconciler: ReloadingProcess,
  heads: readonly string[],
): Promise<Started> {
  const started = performance.now();
  const times = await Promise.all(
    heads.map((head, index) => reconciler.untilInForce(channelOf(index), head)),
  );
  const first = Math.min(...times) - started;
  const tookMs = Math.max(...times) - started;
  console.error(
    `${what}: first channel in force after ${first.toFixed(0)} ms, all after ${
      tookMs.toFixed(0)
    } ms`,
  );
  // What is asked of the cluster and of Git only then counts as well.
  await pause(SETTLE_MS);
  return { tookMs, stall: reconciler.takeLongestStall() };
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** The channel of a branch. */
function channelOf(branch: number): string {
  return branch === 0 ? "stable" : `preview-change-${branch - 1}`;
}

type Pushed = Omit<Measured, "started" | "restarted">;

async function pushAll(fixture: ServedFixture, reconciler: ReloadingProcess): Promise<Pushed> {
  const url = await reconciler.url;
  const [own, all]: [number[], number[]] = [[], []];
  const resident: number[] = [];
  let stall = NO_STALL;
  for (let push = 0; push < PUSHES; push++) {
    const branch = push % MAIN_EVERY === 0 ? 0 : 1 + push % (SIZE.branches - 1);
    const id = await pushTo(fixture, branch, push);
    const started = await deliver(url);
    own.push(await reconciler.untilInForce(channelOf(branch), id) - started);
    if (branch === 0) all.push(await untilEverywhere(reconciler, id) - started);
    stall = longerStall(stall, reconciler.takeLongestStall());
    resident.push(residentBytes(reconciler.pid));
    if (push % 50 === 49) progress(push + 1, { own, stall }, reconciler.pid);
  }
  return { own, all, stall, resident };
}

async function pushTo(fixture: ServedFixture, branch: number, push: number): Promise<string> {
  const name = branchesOf(SIZE)[branch] ?? "main";
  const group = (branch === 0 ? push : branch - 1) % groupsOf(SIZE);
  const files = changedFunction(group, branch === 0 ? 0 : 1, push + 3);
  return await fixture.commit(name, { files });
}

async function untilEverywhere(reconciler: ReloadingProcess, id: string): Promise<number> {
  const channels = branchesOf(SIZE).map((_, index) => channelOf(index));
  return Math.max(
    ...await Promise.all(channels.map((channel) => reconciler.untilInForce(channel, id))),
  );
}

/** As a forge does after a push; it is what wakes the reconciler. */
async function deliver(url: string): Promise<number> {
  const body = JSON.stringify({ ref: "refs/heads/main" });
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  const started = performance.now();
  const answer = await fetch(`${url}/hooks/git`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-event": "push",
      "x-hub-signature-256": `sha256=${signature}`,
    },
    body,
  });
  await answer.body?.cancel();
  if (answer.status !== 202) throw new RangeError(`The webhook answers ${answer.status}`);
  return started;
}

function residentBytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
}

function progress(pushes: number, { own, stall }: Pick<Pushed, "own" | "stall">, pid: number) {
  console.error(
    `${pushes} pushes: p50 ${quantile(own, 0.5).toFixed(0)} ms, longest stall ` +
      `${stall.own.toFixed(0)} ms, ${(residentBytes(pid) / MEBIBYTE).toFixed(0)} MiB`,
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

interface Measured {
  readonly own: readonly number[];
  readonly all: readonly number[];
  readonly started: Started;
  readonly restarted: Started;
  readonly stall: Stall;
  /** Bytes after each push. */
  readonly resident: readonly number[];
}

function report({ own, all, started, restarted, stall, resident }: Measured): readonly Row[] {
  const where = `${SIZE.files} files, ${SIZE.branches} branches`;
  const seconds = (work: string, figure: number, budget?: number): Row =>
    row({
      work,
      figure: figure / 1_000,
      unit: "s",
      bound: "at most",
      ...(budget === undefined ? {} : { budget }),
    });
  return [
    seconds(`push → in force, p50 (${where})`, quantile(own, 0.5), 2),
    seconds(`push → in force, p99 of ${own.length}`, quantile(own, 0.99), 2),
    seconds(`push to main → in force in all channels over it, p99`, quantile(all, 0.99)),
    row({
      work: "longest stall of the event loop while reloading",
      figure: stall.own,
      unit: "ms",
      budget: 50,
      bound: "at most",
    }),
    row({
      work: "the same with the time in which other processes had the core",
      figure: stall.whole,
      unit: "ms",
      bound: "at most",
    }),
    row({
      work: "longest time of the thread on a core in one turn, starts included",
      figure: longerStall(stall, longerStall(started.stall, restarted.stall)).onCore,
      unit: "ms",
      bound: "at most",
    }),
    row({
      work: "longest stall while everything is loaded at the start",
      figure: started.stall.own,
      unit: "ms",
      budget: 50,
      bound: "at most",
    }),
    row({
      work: "longest stall while everything is restored from the record after a crash",
      figure: restarted.stall.own,
      unit: "ms",
      budget: 50,
      bound: "at most",
    }),
    seconds(`start after a crash → all ${SIZE.branches} channels in force`, restarted.tookMs),
    ...memoryRows(resident),
  ];
}

function memoryRows(resident: readonly number[]): readonly Row[] {
  const first = resident.slice(WARM_PUSHES, WARM_PUSHES + MEMORY_PUSHES);
  const last = resident.slice(-MEMORY_PUSHES);
  return [
    row({
      work: `memory over the last ${MEMORY_PUSHES} of ${PUSHES} pushes, of that over as many ` +
        `after the first ${WARM_PUSHES} (medians)`,
      figure: quantile(last, 0.5) / quantile(first, 0.5) * 100,
      unit: "%",
      budget: 110,
      bound: "at most",
    }),
    row({
      work: "most resident memory after a push",
      figure: Math.max(...resident) / MEBIBYTE,
      unit: "MiB",
      budget: MEMORY_LIMIT_MEBIBYTES,
      bound: "at most",
    }),
  ];
}
