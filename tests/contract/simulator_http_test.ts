// SPDX-License-Identifier: Apache-2.0

import { connectCluster } from "../../src/adapters/kubernetes/mod.ts";
import { createManualClock, createSimulator } from "../../src/simulator/mod.ts";
import { type ClusterFixture, testClusterContract } from "./cluster_contract.ts";

const NAMESPACE = "contract";
const MAX_ASKS = 20;

/** The simulator behind its HTTP front, read through the adapter for real clusters. */
async function servedFixture(): Promise<ClusterFixture> {
  const clock = createManualClock();
  const simulator = createSimulator({ clock, namespaces: ["default", NAMESPACE] });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    simulator.serve,
  );
  const connection = await connectCluster({ server: `http://127.0.0.1:${server.addr.port}` });
  return {
    cluster: connection,
    namespace: NAMESPACE,
    async eventually(ask) {
      for (let asked = 0; asked < MAX_ASKS; asked++) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        await clock.advance(1_000);
      }
      throw new RangeError(`Cannot ask more than ${MAX_ASKS} times`);
    },
    async [Symbol.asyncDispose]() {
      connection.close();
      simulator.close();
      await server.shutdown();
    },
  };
}

testClusterContract("the simulator over HTTP", servedFixture);
