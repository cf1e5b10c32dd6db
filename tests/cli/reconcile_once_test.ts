// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { playKubelet } from "../../src/cli/demo/played_kubelet.ts";
import { openEmbeddedCluster } from "../../src/cli/open_cluster.ts";
import { readObjects } from "../../src/cli/read_objects.ts";
import type { JsonObject } from "../../src/language/mod.ts";
import type { Cluster, KubernetesObject } from "../../src/runtime/ports.ts";
import { PATIENCE_MS } from "../until.ts";
import {
  exampleFiles,
  givingUp,
  kubeconfigFor,
  temporaryRepository,
} from "./reconcile_fixtures.ts";
import { koreo, koreoProcess, ROOT, spawnKoreo, temporaryFiles } from "./run_koreo.ts";

const EXAMPLE = `${ROOT}examples/web-app`;
const { signal } = new AbortController();

async function create(cluster: Cluster, object: JsonObject): Promise<void> {
  const { apiVersion, kind } = object as unknown as KubernetesObject;
  const { metadata } = object as unknown as KubernetesObject;
  const type = await cluster.discover({ apiVersion, kind }, { signal });
  if (type === undefined) throw new TypeError(`Cannot find the kind ${kind}`);
  const { name, namespace } = metadata;
  const path = {
    ...type,
    name: String(name),
    ...(namespace ? { namespace: String(namespace) } : {}),
  };
  await cluster.create(path, object as unknown as KubernetesObject, { signal });
}

/** What a developer and an operator have put into the cluster. */
async function fill(cluster: Cluster, names: readonly string[]): Promise<void> {
  await create(cluster, { apiVersion: "v1", kind: "Namespace", metadata: { name: "team-a" } });
  for (const crd of await readObjects(`${EXAMPLE}/crd.yaml`)) await create(cluster, crd);
  const [trigger = {}] = await readObjects(`${EXAMPLE}/trigger.yaml`);
  for (const name of names) {
    await create(cluster, { ...trigger, metadata: { name, namespace: "team-a" } });
  }
}

Deno.test("koreo reconcile --once says how many objects it reconciled, for a kubeconfig", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const embedded = openEmbeddedCluster(0);
  const ending = new AbortController();
  const kubelet = playKubelet(embedded.cluster, ending);
  try {
    await fill(embedded.cluster, ["shop", "blog"]);
    await using files = await temporaryFiles({ kubeconfig: kubeconfigFor(embedded.server) });
    const { code, stdout, stderr } = await spawnKoreo([
      ...["reconcile", "--repo", repository.directory, "--path", "koreo", "--once"],
      ...["--kubeconfig", `${files.directory}/kubeconfig`, "--timeout", "10m"],
    ]);
    // Each has a ConfigMap, a Deployment, a Service, an Ingress and a HorizontalPodAutoscaler.
    equal(stdout, "10 objects reconciled\n", stderr);
    equal(code, 0);
  } finally {
    ending.abort();
    await kubelet;
    await embedded.close();
  }
});

Deno.test("koreo reconcile --once gives up at its --timeout with 1", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const embedded = openEmbeddedCluster(0);
  try {
    // No kubelet: the Deployment never has a replica.
    await fill(embedded.cluster, ["shop"]);
    await using files = await temporaryFiles({ kubeconfig: kubeconfigFor(embedded.server) });
    const { code, stdout, stderr } = await givingUp([
      ...["reconcile", "--repo", repository.directory, "--path", "koreo", "--once"],
      ...["--kubeconfig", `${files.directory}/kubeconfig`],
    ], /WebApp "team-a\/shop"/);
    deepEqual([code, stdout], [1, ""], stderr);
    match(
      stderr,
      /\nerror: Cannot settle every trigger within \d+\.0 s: 1 still has a run due: WebApp "team-a\/shop"\n$/,
    );
  } finally {
    await embedded.close();
  }
});

Deno.test("koreo reconcile --once on an embedded cluster of its own reconciles nothing", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const { code, stdout } = await koreo([
    ...["reconcile", "--repo", repository.directory, "--path", "koreo", "--once"],
    ...["--cluster", "embedded", "--log-level", "error"],
  ]);
  deepEqual([code, stdout], [0, "0 objects reconciled\n"]);
});

Deno.test("koreo reconcile --once ends its process long before its --timeout", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const child = koreoProcess([
    ...["reconcile", "--repo", repository.directory, "--path", "koreo", "--once"],
    ...["--cluster", "embedded", "--log-level", "error", "--timeout", "1h"],
  ]).spawn();
  const patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  const { code, stdout } = await child.output();
  clearTimeout(patience);
  deepEqual([code, new TextDecoder().decode(stdout)], [0, "0 objects reconciled\n"]);
});

for (const stop of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`koreo reconcile ends with 0 on ${stop}`, async () => {
    await using repository = await temporaryRepository(await exampleFiles("web-app"));
    const child = koreoProcess([
      ...["reconcile", "--repo", repository.directory, "--path", "koreo"],
      ...["--cluster", "embedded", "--log-format", "json"],
    ]).spawn();
    let stderr = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      const wasSaid = stderr.includes("in force");
      stderr += text;
      if (!wasSaid && stderr.includes("in force")) child.kill(stop);
    }
    const { code } = await child.status;
    equal(code, 0, stderr);
    equal(await new Response(child.stdout).text(), "");
    const [, ...lines] = stderr.trimEnd().split("\n").filter((line) => !line.startsWith("kubectl"));
    for (const line of lines) equal(typeof JSON.parse(line).message, "string");
  });
}
