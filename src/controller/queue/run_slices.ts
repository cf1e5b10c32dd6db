// SPDX-License-Identifier: Apache-2.0

import { drain, type Slices } from "../../language/mod.ts";
import type { Abortable, Clock, YieldNow } from "../../runtime/ports.ts";

/** How work in slices lets others have their turn. */
export interface SlicePace {
  /** What the length of a slice is measured by. */
  readonly clock: Pick<Clock, "now">;
  /** Lets others have their turn between two slices. */
  readonly yieldNow: YieldNow;
}

/** After so long others have their turn: far below what an event loop may stand still. */
export const SLICE_MS = 8;

/** Does work slice by slice; rejects with the reason of the abort. */
export async function runSlices<T>(
  slices: Slices<T>,
  { clock, yieldNow }: SlicePace,
  { signal }: Abortable,
): Promise<T> {
  let end = clock.now() + SLICE_MS;
  for (let step = slices.next();; step = slices.next()) {
    if (step.done) return step.value;
    if (clock.now() < end) continue;
    await yieldNow();
    signal.throwIfAborted();
    end = clock.now() + SLICE_MS;
  }
}

/** The same; without a pace nobody waits, and it is done at once. */
export async function doInSlices<T>(
  slices: Slices<T>,
  pace: SlicePace | undefined,
  options: Abortable,
): Promise<T> {
  return pace === undefined ? drain(slices) : await runSlices(slices, pace, options);
}
