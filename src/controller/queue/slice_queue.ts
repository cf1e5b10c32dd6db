// SPDX-License-Identifier: Apache-2.0

import type { Slices } from "../../language/mod.ts";
import { SLICE_MS, type SlicePace } from "./run_slices.ts";

/** Works of one kind, done one after the other, each in slices. */
export interface SliceQueue {
  /** Does what takes no longer than a slice at once, and the rest after others had their turn. */
  add(work: Slices<void>): void;
  readonly isIdle: boolean;
  /** Resolves when all is done. Never rejects. */
  done(): Promise<void>;
}

/** What becomes of works. */
export interface SliceQueueOptions extends SlicePace {
  /** All that had to wait is done. */
  readonly onDone: () => void;
  /** A work threw: the others are done all the same. */
  readonly onFailed: (error: unknown) => void;
}

/** Makes an empty queue. */
export function createSliceQueue(options: SliceQueueOptions): SliceQueue {
  const { clock, yieldNow, onDone, onFailed } = options;
  const waiting: Slices<void>[] = [];
  let going: Promise<void> | undefined;
  let isDoing = false;

  /** @returns Whether all is done */
  function doSlice(): boolean {
    const end = clock.now() + SLICE_MS;
    isDoing = true;
    try {
      for (let work = waiting[0]; work !== undefined; work = waiting[0]) {
        if (isOver(work)) waiting.shift();
        if (waiting.length > 0 && clock.now() >= end) return false;
      }
      return true;
    } finally {
      isDoing = false;
    }
  }

  function isOver(work: Slices<void>): boolean {
    try {
      return work.next().done === true;
    } catch (error) {
      onFailed(error);
      return true;
    }
  }

  async function goOn(): Promise<void> {
    do await yieldNow(); while (!doSlice());
    going = undefined;
    onDone();
  }

  return {
    get isIdle() {
      return going === undefined;
    },
    add(work) {
      waiting.push(work);
      // What a work adds has its turn after it.
      if (going === undefined && !isDoing && !doSlice()) going = goOn();
    },
    async done() {
      await going;
    },
  };
}
