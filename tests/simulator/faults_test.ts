// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import {
  type ClusterCall,
  createManualClock,
  createSimulator,
  type FaultEffect,
} from "../../src/simulator/mod.ts";
import { CONFIG_MAPS, createConfigMap, NEVER, pathOf, watchConfigMaps } from "./in_memory.ts";

const isCreate = ({ verb }: ClusterCall) => verb === "create";

Deno.test("a fault strikes the n-th matching call and as many as it says", async () => {
  using simulator = createSimulator();
  const { cluster, faults } = simulator;
  const fault = faults.inject({
    matches: isCreate,
    nth: 2,
    times: 2,
    effect: { type: "refuse", status: 503, reason: "ServiceUnavailable", message: "later" },
  });
  const outcomes: unknown[] = [];
  for (const name of ["a", "b", "c", "d"]) {
    await cluster.get(pathOf("a"), NEVER);
    outcomes.push(await createConfigMap(cluster, name).then(() => "made", ({ status }) => status));
  }
  deepEqual([outcomes, fault.struck], [["made", 503, 503, "made"], 2]);
});

const EFFECTS: readonly {
  readonly name: string;
  readonly effect: FaultEffect;
  readonly error: Readonly<Record<string, unknown>>;
  readonly isDone: boolean;
}[] = [
  {
    name: "refuses with Retry-After",
    effect: { type: "refuse", status: 429, reason: "TooManyRequests", retryAfterSeconds: 7 },
    error: { code: "refused", status: 429, reason: "TooManyRequests", retryAfterSeconds: 7 },
    isDone: false,
  },
  {
    name: "cuts the connection before the call",
    effect: { type: "cut" },
    error: { code: "unreachable", status: undefined },
    isDone: false,
  },
  {
    name: "cuts the connection after the call",
    effect: { type: "cut", afterEffect: true },
    error: { code: "unreachable", status: undefined },
    isDone: true,
  },
  {
    name: "lets the answer be lost",
    effect: { type: "timeout", afterMs: 500, afterEffect: true },
    error: { code: "timeout", status: undefined },
    isDone: true,
  },
];

for (const { name, effect, error, isDone } of EFFECTS) {
  Deno.test(`a fault ${name}`, async () => {
    const clock = createManualClock();
    using simulator = createSimulator({ clock });
    simulator.faults.inject({ matches: isCreate, effect });
    const making = rejects(createConfigMap(simulator.cluster, "a"), error);
    await clock.advance(500);
    await making;
    const found = await simulator.cluster.get(pathOf("a"), NEVER);
    equal(found !== undefined, isDone);
  });
}

Deno.test("a fault delays a call", async () => {
  const clock = createManualClock({ startMs: 0 });
  using simulator = createSimulator({ clock });
  simulator.faults.inject({ effect: { type: "delay", delayMs: 300 } });
  let made = false;
  const making = createConfigMap(simulator.cluster, "a").then(() => made = true);
  await clock.advance(299);
  equal(made, false);
  await clock.advance(1);
  await making;
});

Deno.test("a delayed call is aborted", async () => {
  using simulator = createSimulator();
  simulator.faults.inject({ effect: { type: "delay", delayMs: 300 } });
  const stop = new AbortController();
  const getting = simulator.cluster.get(pathOf("a"), stop);
  stop.abort(new RangeError("enough"));
  await rejects(getting, { message: "enough" });
});

Deno.test("a fault expires a watch", async () => {
  using simulator = createSimulator();
  const matches = ({ verb }: ClusterCall) => verb === "watch";
  simulator.faults.inject({ matches, effect: { type: "expire" } });
  const events = watchConfigMaps(simulator.cluster, simulator.resourceVersion);
  await rejects(events.next(), { status: 410, reason: "Expired" });
});

Deno.test("faults are removed one by one or all at once", async () => {
  using simulator = createSimulator();
  const { cluster, faults } = simulator;
  const effect = { type: "cut" } as const;
  const first = faults.inject({ times: Infinity, effect });
  await rejects(cluster.get(pathOf("a"), NEVER));
  first.remove();
  await cluster.get(pathOf("a"), NEVER);
  faults.inject({ times: Infinity, effect });
  faults.clear();
  await cluster.get(pathOf("a"), NEVER);
});

Deno.test("every call is heard with what it says", async () => {
  const calls: ClusterCall[] = [];
  using simulator = createSimulator({ onCall: (call) => calls.push(call) });
  const { cluster } = simulator;
  await createConfigMap(cluster, "a");
  await cluster.patch(pathOf("a"), { type: "merge", body: { data: { x: "y" } } }, NEVER);
  await cluster.delete(pathOf("a"), { propagation: "Background" }, NEVER);
  await cluster.list(CONFIG_MAPS, {}, NEVER);
  const kind = { apiVersion: "v1", kind: "ConfigMap" };
  const place = { ...kind, namespace: "default", name: "a" };
  deepEqual(calls, [
    { verb: "create", ...place, body: { ...kind, metadata: { name: "a" } } },
    { verb: "patch", ...place, body: { data: { x: "y" } } },
    { verb: "delete", ...place, body: { propagation: "Background" } },
    { verb: "list", ...kind },
  ]);
});
