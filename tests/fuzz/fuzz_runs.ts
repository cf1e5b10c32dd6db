// SPDX-License-Identifier: Apache-2.0

/** Set to run every property this many times as often: `FUZZ_FACTOR=100 deno test -A tests/fuzz`. */
const FACTOR = Number(Deno.env.get("FUZZ_FACTOR") ?? "1");

/** How a property is run: as often as the suite has time for, more where it is asked for. */
export function fuzzRuns(runs: number): { readonly numRuns: number } {
  if (!(FACTOR >= 1)) throw new RangeError("Cannot fuzz: FUZZ_FACTOR must be a number >= 1");
  return { numRuns: Math.round(runs * FACTOR) };
}
