// SPDX-License-Identifier: Apache-2.0

/**
 * Work that can be interrupted: it yields where the one who does it may look at the clock, and
 * does nothing until asked for the next slice. Whoever cannot wait drains it.
 */
export type Slices<T> = Generator<void, T>;

/**
 * Says when work that consists of thousands of small steps may yield: the costs of a step are
 * added up, since looking at the clock, or even yielding, after each would take longer than the step.
 */
export interface Pace {
  /** A step was done; whether it is time to yield. */
  spend(cost: number): boolean;
}

/** Makes a pace at which about a millisecond passes from one yield to the next. */
export function createPace(costOfSlice: number): Pace {
  let spent = 0;
  return {
    spend(cost) {
      spent += cost;
      if (spent < costOfSlice) return false;
      spent = 0;
      return true;
    },
  };
}

/** Does all of the work at once. */
export function drain<T>(slices: Slices<T>): T {
  for (let step = slices.next();; step = slices.next()) if (step.done) return step.value;
}
