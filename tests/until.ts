// SPDX-License-Identifier: Apache-2.0

/**
 * How every test waits for what happens outside of its own turns: for an event or a state, and
 * never for a time. A slow machine takes longer, and nothing else becomes of it.
 *
 * @module
 */

/** So long what is bound to happen is waited for; only what never happens takes longer. */
export const PATIENCE_MS = 60_000;

const PAUSE_MS = 20;

/** Asks until the answer is neither `undefined` nor `false`. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, false | undefined>> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const isLast = performance.now() > end; // whoever was kept from asking asks once more
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, false | undefined>;
    if (isLast) throw new RangeError(`Cannot wait longer until ${what}`);
    await pause(PAUSE_MS);
  }
}

/** Lets time pass: between two looks, or to make what must not happen likely to show. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
