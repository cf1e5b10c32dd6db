// SPDX-License-Identifier: Apache-2.0

/**
 * Measures hot reload: a reconciler in a process of its own follows a repository of 2,000 files on
 * 50 branches behind `git http-backend`; pushes are told to its webhook. How long from a push until
 * it is in force, how long the event loop that reconciles stands still (also at the start, and at a
 * start after a crash with all of it in the record), whether memory stays flat, and how long a
 * rollback takes (docs/ARCHITECTURE.md section 8).
 *
 * Usage: deno task bench:reload [--files 2000] [--branches 50] [--pushes 1000] [-o json] [--check].
 * Needs git.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a tool speaks to the terminal

import { createHmac } from "node:crypto";
import { parseArgs } from "node:util";
import { makeServedFixture, type ServedFixture } from "../tests/git/served_fixture.ts";
import { pause } from "../tests/until.ts";
import {
  longerStall,
  NO_STALL,
  type ReloadingProcess,
  startReloading,
} from "./reload/reloading_process.ts";
import { type MeasuredReload, quantile, reloadRows, type Started } from "./reload/reload_rows.ts";
import { rollBack, type RollBackTimes } from "./reload/roll_backs.ts";
import { serveCluster, type ServedCluster } from "./reload/served_cluster.ts";
import { branchesOf, changedFunction, firstFiles, groupsOf } from "./reload/team_repository.ts";
import { type Row, rowText } from "./row.ts";

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
/** Every so many pushes one goes to the branch that all others lie over. */
const MAIN_EVERY = 4;
const SECRET = "of the benchmark";
const MEBIBYTE = 2 ** 20;
const ROLLBACKS = 5;
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
    const taken = await takeBack(reconciler, fixture, cluster);
    return reloadRows({ ...pushed, started, restarted, taken }, SIZE);
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

/** The channel of a branch. */
function channelOf(branch: number): string {
  return branch === 0 ? "stable" : `preview-change-${branch - 1}`;
}

type Pushed = Omit<MeasuredReload, "started" | "restarted" | "taken">;

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

async function takeBack(
  reconciler: ReloadingProcess,
  fixture: ServedFixture,
  { kubeconfig, records }: ServedCluster,
): Promise<RollBackTimes> {
  const url = await reconciler.url;
  const channel = channelOf(0);
  let push = PUSHES;
  const advance = async (): Promise<string> => {
    const id = await pushTo(fixture, 0, push++);
    await deliver(url);
    // A rollback takes back what its user is shown.
    while (await records(id) < SIZE.branches) await pause(RECORD_LOOK_MS);
    return id;
  };
  return await rollBack(reconciler, { channel, advance, kubeconfig }, ROLLBACKS);
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
