// SPDX-License-Identifier: Apache-2.0

/**
 * Measures the reconciler, a process of its own, on a real API server: triggers of four objects,
 * cold; drift; memory. A bare client writes the same objects to the same server in the same run,
 * and the ratio to it is what can be compared across machines (docs/ARCHITECTURE.md section 8).
 *
 * Usage: deno task bench:cluster [--triggers 300] [-o json] [--check]. Needs Go.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a tool speaks to the terminal

import { parseArgs } from "node:util";
import { commitFiles, createRepository } from "../src/adapters/git/mod.ts";
import { type ClusterConnection, connectCluster } from "../src/adapters/kubernetes/mod.ts";
import { isJsonList, member, memberAt } from "../src/language/mod.ts";
import type { KubernetesObject } from "../src/runtime/ports.ts";
import { startApiServer } from "../tests/cluster/api_server.ts";
import { buildBinaries } from "../tests/cluster/build_binaries.ts";
import { type ReconcilerProcess, startReconciler } from "../tests/cluster/reconciler_process.ts";
import { type Arrivals, watchArrivals } from "./cluster/arrivals.ts";
import { bareWriteSeconds, inFlight } from "./cluster/bare_client.ts";
import {
  bareWrites,
  definitionFiles,
  MANAGED_KINDS,
  TRIGGER,
  trigger,
  TRIGGER_DEFINITION,
} from "./cluster/definitions.ts";
import { countRequests, difference, type RequestCounts, total } from "./cluster/request_counts.ts";
import { cpuSeconds } from "./measure.ts";
import { type Row, row, rowText } from "./row.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    triggers: { type: "string", default: "300" },
    output: { type: "string", short: "o", default: "text" },
    check: { type: "boolean", default: false },
  },
});

const TRIGGERS = Number(values.triggers);
const OBJECTS = TRIGGERS * MANAGED_KINDS.length;
const NAMESPACE = "bench";
const BARE_NAMESPACE = "bench-bare";
const AT_ONCE = 20;
const DRIFT_SAMPLES = 100;
const PATIENCE_MS = 300_000;
const MEBIBYTE = 2 ** 20;

const RESOURCES = new Set([TRIGGER.plural, ...MANAGED_KINDS.map(({ plural }) => plural)]);

const directory = await Deno.makeTempDir({ prefix: "koreo-bench-" });
try {
  const rows = await measureAll();
  if (values.output === "json") console.log(JSON.stringify(rows, undefined, 2));
  const missed = rows.filter(({ holds }) => !holds);
  if (values.output === "text") {
    console.log(`\n${rows.length - missed.length} of ${rows.length} budgets hold`);
  }
  if (values.check && missed.length > 0) Deno.exitCode = 1;
} finally {
  await Deno.remove(directory, { recursive: true });
}

async function measureAll(): Promise<readonly Row[]> {
  const binaries = await buildBinaries();
  await using server = await startApiServer(binaries);
  using cluster = await connectCluster({ kubeconfig: server.kubeconfig });
  const metrics = () => readMetrics(binaries.kubectl, server.kubeconfig);
  await prepare(cluster);
  const arrivals = await watchArrivals(cluster, MANAGED_KINDS, NAMESPACE);
  const bareBefore = await measureBare(cluster, server, "before");
  const before = await metrics();
  const serverCpu = cpuSecondsOf(server.pid);
  const started = performance.now();
  await using reconciler = await startOnRepository(server.kubeconfig);
  const options = { signal: AbortSignal.timeout(PATIENCE_MS) };
  await Promise.race([arrivals.untilCount(OBJECTS, options), reconciler.untimelyEnd]);
  const cpu = {
    reconciler: cpuSecondsOf(reconciler.pid),
    server: cpuSecondsOf(server.pid) - serverCpu,
  };
  const ownLists = await untilAllReady(cluster, options);
  const seconds = (performance.now() - started) / 1_000;
  const requests = withoutLists(difference(before, await metrics()), ownLists);
  const memory = memoryOf(reconciler);
  const drift = await measureDrift(cluster, arrivals);
  await reconciler.terminate(); // the bare client has the server to itself
  const bare = [bareBefore, await measureBare(cluster, server, "after")];
  await arrivals.stop();
  return report({ arrivals, cpu, seconds, requests, memory, drift, bare });
}

/** Kind, namespaces and triggers are there before the reconciler starts. */
async function prepare(cluster: ClusterConnection): Promise<void> {
  const options = { signal: AbortSignal.timeout(PATIENCE_MS) };
  await cluster.create(
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      plural: "customresourcedefinitions",
    },
    TRIGGER_DEFINITION,
    options,
  );
  for (const name of [NAMESPACE, BARE_NAMESPACE]) {
    const namespace = { apiVersion: "v1", kind: "Namespace", plural: "namespaces" };
    await cluster.create(namespace, { ...namespaceObject(name) }, options);
  }
  while (await cluster.discover(TRIGGER, options) === undefined) await pause(100);
  const indexes = Array.from({ length: TRIGGERS }, (_, index) => index);
  await inFlight(
    indexes,
    AT_ONCE,
    (index) =>
      cluster.create({ ...TRIGGER, namespace: NAMESPACE }, trigger(index, NAMESPACE), options),
  );
}

function namespaceObject(name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

async function startOnRepository(kubeconfig: string): Promise<ReconcilerProcess> {
  const repository = `${directory}/platform`;
  await createRepository(repository, { branch: "main" });
  await commitFiles(repository, { message: "The stack", files: definitionFiles() });
  return startReconciler({
    permissions: ["-A"],
    args: [
      ...["--repo", repository, "--path", "koreo", "--branch", "main", "--namespace", "bench"],
      ...["--cluster", "kubeconfig", "--kubeconfig", kubeconfig],
      ...["--workers", String(AT_ONCE), "--log-level", "warn"],
    ],
  });
}

/** How many lists it took to see that all triggers are ready. */
async function untilAllReady(
  cluster: ClusterConnection,
  options: { readonly signal: AbortSignal },
): Promise<number> {
  for (let lists = 1;; lists++) {
    const { items } = await cluster.list(TRIGGER, { namespace: NAMESPACE }, options);
    const ready = items.filter(isReady).length;
    if (ready === TRIGGERS) return lists;
    if (options.signal.aborted) {
      throw new RangeError(`Cannot wait longer: ${ready} of ${TRIGGERS} triggers are ready`);
    }
    await pause(250);
  }
}

function withoutLists(counts: RequestCounts, lists: number): RequestCounts {
  return new Map(
    [...counts].map(([verb, count]) => [verb, verb === "LIST" ? count - lists : count]),
  );
}

function isReady(object: KubernetesObject): boolean {
  const conditions = memberAt(object, "status", "conditions");
  return isJsonList(conditions) &&
    conditions.some((each) =>
      member(each, "type") === "Ready" && member(each, "status") === "True"
    );
}

async function readMetrics(kubectl: string, kubeconfig: string): Promise<RequestCounts> {
  const { stdout } = await new Deno.Command(kubectl, {
    args: ["--kubeconfig", kubeconfig, "get", "--raw", "/metrics"],
  }).output();
  return countRequests(new TextDecoder().decode(stdout), RESOURCES);
}

interface Memory {
  readonly resident: number;
  readonly peak: number;
}

/** Bytes that the process holds, and the most it ever held. */
function memoryOf({ pid }: ReconcilerProcess): Memory {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1_024;
  return { resident: bytes("VmRSS"), peak: bytes("VmHWM") };
}

/** Seconds of CPU that a process has used; the kernel counts hundredths. */
function cpuSecondsOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13)
    .map(Number);
  return (user + system) / 100;
}

/** Milliseconds from the deletion of a managed object to its return, sorted. */
async function measureDrift(
  cluster: ClusterConnection,
  arrivals: Arrivals,
): Promise<readonly number[]> {
  const options = { signal: AbortSignal.timeout(PATIENCE_MS) };
  const times: number[] = [];
  for (let sample = 0; sample < DRIFT_SAMPLES; sample++) {
    const kind = MANAGED_KINDS[sample % MANAGED_KINDS.length];
    if (kind === undefined) continue;
    const path = { ...kind, namespace: NAMESPACE, name: `stack-${sample % TRIGGERS}` };
    const uid = String((await cluster.get(path, options))?.metadata["uid"]);
    const back = arrivals.untilReplaced(kind.kind, path.name, uid);
    const deleted = performance.now();
    await cluster.delete(path, { uid }, options);
    times.push((await back).at - deleted);
  }
  return times.toSorted((one, other) => one - other);
}

/** Writes of a client that does nothing else, and what they took of both sides. */
async function measureBare(
  cluster: ClusterConnection,
  server: { readonly pid: number },
  round: string,
): Promise<BareRound> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const before = cpuSeconds() + cpuSecondsOf(server.pid);
  const seconds = await bareWriteSeconds(cluster, bareWrites(BARE_NAMESPACE, round, TRIGGERS), {
    signal,
    atOnce: AT_ONCE,
  });
  return { seconds, cpu: cpuSeconds() + cpuSecondsOf(server.pid) - before };
}

interface BareRound {
  readonly seconds: number;
  readonly cpu: number;
}

interface Measured {
  /** Seconds of CPU from the start of the reconciler to the last object. */
  readonly cpu: { readonly reconciler: number; readonly server: number };
  readonly arrivals: Arrivals;
  readonly seconds: number;
  readonly requests: RequestCounts;
  readonly memory: Memory;
  readonly drift: readonly number[];
  /** Before and after the reconciler: other work on the machine comes and goes. */
  readonly bare: readonly BareRound[];
}

function report(measured: Measured): readonly Row[] {
  const { arrivals, cpu, seconds, requests, memory, drift, bare } = measured;
  const times = arrivals.seen.slice(0, OBJECTS).map(({ at }) => at);
  const [first = 0] = times;
  const rate = OBJECTS / ((times.at(-1) ?? 0) - first) * 1_000;
  const sum = (figure: (round: BareRound) => number) =>
    bare.reduce((total, round) => total + figure(round), 0);
  const bareObjects = OBJECTS * bare.length;
  const bareRate = bareObjects / sum(({ seconds }) => seconds);
  const bareCpu = sum(({ cpu }) => cpu) / bareObjects;
  const quantile = (share: number) => drift[Math.ceil(drift.length * share) - 1] ?? NaN;
  if (values.output === "text") {
    const verbs = [...requests].map(([verb, count]) => `${count} ${verb}`).join(", ");
    console.log(`bare client, ${AT_ONCE} in flight: ${bareRate.toFixed(0)} objects/s`);
    console.log(`reconciler, first to last of ${OBJECTS} objects: ${rate.toFixed(0)} objects/s`);
    console.log(`start of the process to all ${TRIGGERS} triggers ready: ${seconds.toFixed(1)} s`);
    console.log(
      `CPU until the last object: reconciler ${cpu.reconciler.toFixed(1)} s, ` +
        `API server ${cpu.server.toFixed(1)} s; both for the same by a bare client: ` +
        `${(bareCpu * OBJECTS).toFixed(1)} s`,
    );
    console.log(`requests: ${verbs}`);
    console.log(`memory at its peak: ${(memory.peak / MEBIBYTE).toFixed(0)} MiB\n`);
  }
  const work = `${TRIGGERS} triggers × ${MANAGED_KINDS.length} objects, cold`;
  const rows = [
    row({
      work: `${work}: share of a bare client's rate`,
      figure: rate / bareRate * 100,
      unit: "%",
      budget: 60,
      bound: "at least",
      original: "9 %",
    }),
    row({
      work: `${work}: requests per trigger`,
      figure: total(requests) / TRIGGERS,
      unit: "",
      budget: 8,
      bound: "at most",
      original: "14",
    }),
    row({
      work: `${work}: resident memory`,
      figure: memory.resident / MEBIBYTE,
      unit: "MiB",
      budget: 256,
      bound: "at most",
    }),
    row({
      work: "managed object deleted → created again, p50",
      figure: quantile(0.5) / 1_000,
      unit: "s",
      budget: 0.2,
      bound: "at most",
      original: "up to 20 min",
    }),
    row({
      work: "managed object deleted → created again, p99",
      figure: quantile(0.99) / 1_000,
      unit: "s",
      budget: 0.2,
      bound: "at most",
      original: "up to 20 min",
    }),
  ];
  if (values.output === "text") { for (const each of rows) console.log(rowText(each)); }
  return rows;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
