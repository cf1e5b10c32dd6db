// SPDX-License-Identifier: Apache-2.0

/**
 * An in-memory Kubernetes for tests and for `koreo dev`: the Cluster port, and the same over HTTP.
 *
 * It is no kubelet and no scheduler, and it knows no schema of the built-in kinds: what is sent
 * is what is stored. What it cannot do it refuses.
 *
 * @example
 * ```ts ignore
 * const simulator = createSimulator({ clock: createManualClock() });
 * const { cluster } = simulator;
 * ```
 *
 * @module
 */

export type { ClusterCall, FaultEffect, FaultRule, Faults, InjectedFault } from "./faults.ts";
export { createManualClock, type ManualClock, type ManualClockOptions } from "./manual_clock.ts";
export { createSeededRandom } from "./seeded_random.ts";
export { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.ts";
