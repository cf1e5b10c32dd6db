// SPDX-License-Identifier: Apache-2.0

/**
 * What a Cluster promises, as cases that run against every implementation: the simulator, the
 * simulator over HTTP, and a real API server.
 *
 * @module
 */

import { APPLY_CASES } from "./cluster/apply_cases.ts";
import type { ClusterFixture, ContractCases } from "./cluster/contract_case.ts";
import { CUSTOM_KIND_CASES } from "./cluster/custom_kind_cases.ts";
import { DELETE_CASES } from "./cluster/delete_cases.ts";
import { EVENT_CASES } from "./cluster/event_cases.ts";
import { LIST_CASES } from "./cluster/list_cases.ts";
import { METADATA_CASES } from "./cluster/metadata_cases.ts";
import { OBJECT_CASES } from "./cluster/object_cases.ts";
import { OWNER_CASES } from "./cluster/owner_cases.ts";
import { PATCH_CASES } from "./cluster/patch_cases.ts";
import { STATUS_CASES } from "./cluster/status_cases.ts";
import { WATCH_CASES } from "./cluster/watch_cases.ts";

export type { ClusterFixture } from "./cluster/contract_case.ts";

/** Every case by its name. */
export const CLUSTER_CONTRACT: ContractCases = {
  ...OBJECT_CASES,
  ...METADATA_CASES,
  ...PATCH_CASES,
  ...APPLY_CASES,
  ...STATUS_CASES,
  ...DELETE_CASES,
  ...OWNER_CASES,
  ...EVENT_CASES,
  ...LIST_CASES,
  ...WATCH_CASES,
  ...CUSTOM_KIND_CASES,
};

/** Registers the contract of the Cluster port for one implementation. */
export function testClusterContract(
  name: string,
  makeFixture: () => Promise<ClusterFixture>,
): void {
  for (const [behaviour, check] of Object.entries(CLUSTER_CONTRACT)) {
    Deno.test(`${name} ${behaviour}`, async () => {
      await using fixture = await makeFixture();
      const stop = new AbortController();
      await check({ ...fixture, signal: stop.signal });
    });
  }
}
