// SPDX-License-Identifier: Apache-2.0

/**
 * Work that can be interrupted: it yields where the one who does it may look at the clock, and
 * does nothing until asked for the next slice. Whoever cannot wait drains it.
 */
export type Slices<T> = Generator<void, T>;

/** Does all of the work at once. */
export function drain<T>(slices: Slices<T>): T {
  for (let step = slices.next();; step = slices.next()) if (step.done) return step.value;
}
