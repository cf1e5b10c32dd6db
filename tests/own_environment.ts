// SPDX-License-Identifier: Apache-2.0

import process from "node:process";

/**
 * Runs `work` with environment variables that this test file alone sees: the environment itself
 * belongs to the process, and so to all test files that run beside this one. Processes that `work`
 * starts do not see them.
 */
export async function withEnvironment<T>(
  variables: Readonly<Record<string, string | undefined>>,
  work: () => T | Promise<T>,
): Promise<T> {
  const { get } = Deno.env;
  const { env } = process;
  Deno.env.get = (name) => Object.hasOwn(variables, name) ? variables[name] : get(name);
  process.env = { ...env, ...variables };
  try {
    return await work();
  } finally {
    Deno.env.get = get;
    process.env = env;
  }
}
