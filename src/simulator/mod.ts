// SPDX-License-Identifier: Apache-2.0

/**
 * An in-memory Kubernetes for tests and for `koreo dev`: the Cluster port, and the same over HTTP.
 *
 * Requests are answered as a real API server answers them, as far as the contract suite of the
 * Cluster port shows; what the simulator cannot do it refuses. It is deterministic: time and chance
 * come from outside, and what controllers do after a request (garbage collection, emptying of
 * namespaces, serving of new kinds) has been done when the request returns, or follows
 * `controllerDelayMs` later by the clock.
 *
 * It is no kubelet, no scheduler and no controller of workloads, and it knows no schema of the
 * built-in kinds: they get no defaults, and their unknown fields are kept. Of a custom kind's
 * schema, `format` and rules in CEL are passed over. A Pod is deleted at once, also on a node.
 *
 * @example
 * ```ts ignore
 * const simulator = createSimulator({ clock: createManualClock() });
 * const { cluster, faults } = simulator;
 * faults.inject({ nth: 3, effect: { type: "cut", afterEffect: true } });
 * Deno.serve({ hostname: "127.0.0.1", port: 8001 }, simulator.serve); // for kubectl
 * ```
 *
 * @module
 */

export type { ClusterCall, FaultEffect, FaultRule, Faults, InjectedFault } from "./faults.ts";
export { createManualClock, type ManualClock, type ManualClockOptions } from "./manual_clock.ts";
export { createSeededRandom } from "./seeded_random.ts";
export { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.ts";
