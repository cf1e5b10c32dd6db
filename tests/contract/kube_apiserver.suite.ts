// SPDX-License-Identifier: Apache-2.0

/** The contract of the Cluster port, kept by a real API server through the adapter. */

import { connectCluster } from "../../src/adapters/kubernetes/mod.ts";
import { openTestCluster } from "../cluster/test_cluster.ts";
import { testClusterContract } from "./cluster_contract.ts";

const PATIENCE_MS = 20_000;
const PAUSE_MS = 50;

const testCluster = await openTestCluster();
Deno.test.afterAll(() => testCluster.close());

testClusterContract("kube-apiserver", async () => {
  const cluster = await connectCluster({ kubeconfig: testCluster.kubeconfig });
  return {
    cluster,
    namespace: await testCluster.createNamespace("contract"),
    eventually,
    [Symbol.asyncDispose]: () => Promise.resolve(cluster.close()),
  };
});

/** Asks until there is an answer: the server's controllers work on their own. */
async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new RangeError(`Cannot wait longer than ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
