// SPDX-License-Identifier: Apache-2.0

import { createManualClock, createSimulator } from "../../src/simulator/mod.ts";
import { type ClusterFixture, testClusterContract } from "./cluster_contract.ts";

const NAMESPACE = "contract";
const MAX_WAITS = 20;

function simulatedFixture(controllerDelayMs: number): ClusterFixture {
  const clock = createManualClock();
  const namespaces = ["default", NAMESPACE];
  const simulator = createSimulator({ clock, namespaces, controllerDelayMs });
  return {
    cluster: simulator.cluster,
    namespace: NAMESPACE,
    async eventually(ask) {
      for (let wait = 0; wait < MAX_WAITS; wait++) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        await clock.advance(1_000);
      }
      throw new RangeError(`Cannot wait longer than ${MAX_WAITS} s`);
    },
    [Symbol.asyncDispose]() {
      simulator.close();
      return Promise.resolve();
    },
  };
}

testClusterContract("the simulator", () => Promise.resolve(simulatedFixture(0)));
testClusterContract(
  "the simulator with slow controllers",
  () => Promise.resolve(simulatedFixture(700)),
);
