// SPDX-License-Identifier: Apache-2.0

import { RepositoryError } from "../../src/runtime/ports.ts";
import { until } from "../until.ts";

/** So long a server may say nothing where its silence is what is waited for; else 30 s. */
export const BRIEF_MS = 2_000;

/**
 * Fetches from a server that is well by a repository that gives silence up soon: a busy machine may
 * be silent for as long, which is no fault, and then it is asked again.
 */
export async function fetchInTime(
  repository: { readonly fetch: (options: { signal: AbortSignal }) => Promise<unknown> },
  signal: AbortSignal,
): Promise<void> {
  await until("a fetch is not kept waiting by the machine", async () => {
    try {
      await repository.fetch({ signal });
      return true;
    } catch (error) {
      if (error instanceof RepositoryError && error.code === "timeout") return false;
      throw error;
    }
  });
}
