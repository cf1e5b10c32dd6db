// SPDX-License-Identifier: Apache-2.0

/** The contract of the Cluster port, kept by a real API server through the adapter. */

import { connectCluster } from "../../src/adapters/kubernetes/mod.ts";
import { until } from "../until.ts";
import { openTestCluster } from "../cluster/test_cluster.ts";
import { testClusterContract } from "./cluster_contract.ts";

const testCluster = await openTestCluster();
Deno.test.afterAll(() => testCluster.close());

testClusterContract("kube-apiserver", async () => {
  const cluster = await connectCluster({ kubeconfig: testCluster.kubeconfig });
  return {
    cluster,
    namespace: await testCluster.createNamespace("contract"),
    // The controllers of the server work on their own.
    eventually: (ask) => until("the server has come to it", ask),
    [Symbol.asyncDispose]: () => Promise.resolve(cluster.close()),
  };
});
