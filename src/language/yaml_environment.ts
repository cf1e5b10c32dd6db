// SPDX-License-Identifier: Apache-2.0

// deno-lint-ignore-file house/no-ambient-effects -- reads no environment: keeps the library from doing so
import process from "node:process";
import type { Slices } from "./slices.ts";

const NONE = {};

/**
 * Runs `work` with an empty `process.env`. The YAML library asks it at every token whether it is to
 * log for its own debugging: that took a third of the time of reading, and throws where the
 * environment may not be read. Each slice has it for itself, so that nobody else sees it.
 */
export function* withoutEnvironment<T>(work: Slices<T>): Slices<T> {
  for (;;) {
    const step = inEmptyEnvironment(() => work.next());
    if (step.done) return step.value;
    yield;
  }
}

function inEmptyEnvironment<T>(work: () => T): T {
  const { env } = process;
  process.env = NONE;
  try {
    return work();
  } finally {
    process.env = env;
  }
}
