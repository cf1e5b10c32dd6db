// SPDX-License-Identifier: Apache-2.0

/**
 * Measures the reconciler, a process of its own with the heap of the deployment, on a real API
 * server: triggers of four objects, cold; drift; a restart with all of them settled; nothing to do.
 * A bare client writes the same objects to the same server in the same run, and the ratio to it is
 * what can be compared across machines (docs/ARCHITECTURE.md section 8). Seconds and rates suffer
 * from whatever else runs on the machine; CPU time for each object hardly does.
 *
 * Usage: deno task bench:cluster [--triggers 300] [--idle 10] [-o json] [--check]. Needs Go.
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
import { pause } from "../tests/until.ts";
import { type Arrivals, watchArrivals } from "./cluster/arrivals.ts";
import { type BareRound, bareWriteSeconds, inFlight } from "./cluster/bare_client.ts";
import { clusterRows } from "./cluster/cluster_rows.ts";
import {
  bareOwner,
  bareWrites,
  definitionFiles,
  MANAGED_KINDS,
  OWNER,
  TRIGGER,
  trigger,
  TRIGGER_DEFINITION,
} from "./cluster/definitions.ts";
import { cpuSecondsOf, memoryOf } from "./cluster/process_figures.ts";
import { countRequests, difference, type RequestCounts } from "./cluster/request_counts.ts";
import { measureSettledRestart } from "./cluster/settled_restart.ts";
import { V8_FLAGS } from "./deployment.ts";
import { cpuSeconds } from "./measure.ts";
import { type Row, rowText } from "./row.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    triggers: { type: "string", default: "300" },
    idle: { type: "string", default: "10" },
    output: { type: "string", short: "o", default: "text" },
    check: { type: "boolean", default: false },
  },
});

const TRIGGERS = Number(values.triggers);
const OBJECTS = TRIGGERS * MANAGED_KINDS.length;
const NAMESPACE = "bench";
const BARE_NAMESPACE = "bench-bare";
/** The record of what is in force lies there, as in production. */
const RECORD_NAMESPACE = "koreo-system";
const AT_ONCE = 20;
const DRIFT_SAMPLES = 100;
const PATIENCE_MS = 300_000 + TRIGGERS * 100;

const RESOURCES = new Set([TRIGGER.plural, ...MANAGED_KINDS.map(({ plural }) => plural)]);

const directory = await Deno.makeTempDir({ prefix: "koreo-bench-" });
try {
  const rows = await measureAll();
  const judged = rows.filter(({ holds }) => holds !== undefined);
  const missed = judged.filter(({ holds }) => !holds);
  if (values.output === "json") console.log(JSON.stringify(rows, undefined, 2));
  else {
    for (const each of rows) console.log(rowText(each));
    console.log(`\n${judged.length - missed.length} of ${judged.length} budgets hold`);
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
  const repository = await makeRepository();
  const started = performance.now();
  const options = { signal: AbortSignal.timeout(PATIENCE_MS) };
  const cold = async () => {
    await using reconciler = startOn(repository, server.kubeconfig);
    await Promise.race([arrivals.untilCount(1, options), reconciler.untimelyEnd]);
    const [startCpu, serverCpu] = [cpuSecondsOf(reconciler.pid), cpuSecondsOf(server.pid)];
    await Promise.race([arrivals.untilCount(OBJECTS, options), reconciler.untimelyEnd]);
    const cpu = {
      start: startCpu,
      reconciler: cpuSecondsOf(reconciler.pid) - startCpu,
      server: cpuSecondsOf(server.pid) - serverCpu,
    };
    const ownLists = await untilAllReady(cluster, options);
    const seconds = (performance.now() - started) / 1_000;
    const requests = withoutLists(difference(before, await metrics()), ownLists);
    const memory = memoryOf(reconciler.pid);
    const times = arrivals.seen.slice(0, OBJECTS).map(({ at }) => at);
    const drift = await measureDrift(cluster, arrivals);
    return { cpu, seconds, requests, memory, times, drift };
  };
  const measured = await cold();
  const restart = await measureSettledRestart({
    triggers: TRIGGERS,
    start: (port) => startOn(repository, server.kubeconfig, ["--listen", `127.0.0.1:${port}`]),
    requests: metrics,
    idleSeconds: Number(values.idle),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const bare = [bareBefore, await measureBare(cluster, server, "after")];
  await arrivals.stop();
  return clusterRows({
    ...measured,
    restart,
    bare,
    triggers: TRIGGERS,
    atOnce: AT_ONCE,
    kinds: RESOURCES.size,
    tell: values.output === "text" ? (line) => console.log(line) : () => {},
  });
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
  for (const name of [NAMESPACE, BARE_NAMESPACE, RECORD_NAMESPACE]) {
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

async function makeRepository(): Promise<string> {
  const repository = `${directory}/platform`;
  await createRepository(repository, { branch: "main" });
  await commitFiles(repository, { message: "The stack", files: definitionFiles() });
  return repository;
}

function startOn(
  repository: string,
  kubeconfig: string,
  more: readonly string[] = [],
): ReconcilerProcess {
  return startReconciler({
    permissions: ["-A", ...V8_FLAGS],
    args: [
      ...["--repo", repository, "--path", "koreo", "--branch", "main", "--namespace", "bench"],
      ...["--cluster", "kubeconfig", "--kubeconfig", kubeconfig],
      ...["--workers", String(AT_ONCE), "--log-level", "warn", ...more],
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
  const options = { signal: AbortSignal.timeout(PATIENCE_MS), atOnce: AT_ONCE };
  const owners: KubernetesObject[] = [];
  const names = Array.from({ length: TRIGGERS }, (_, index) => `${round}-${index}`);
  const place = { ...OWNER, namespace: BARE_NAMESPACE };
  await inFlight(names, AT_ONCE, async (name) => {
    owners.push(await cluster.create(place, bareOwner(BARE_NAMESPACE, name), options));
  });
  const before = [cpuSeconds(), cpuSecondsOf(server.pid)] as const;
  const seconds = await bareWriteSeconds(cluster, bareWrites(BARE_NAMESPACE, owners), options);
  const [client, answering] = before;
  const serverCpu = cpuSecondsOf(server.pid) - answering;
  return { seconds, clientCpu: cpuSeconds() - client, serverCpu };
}
