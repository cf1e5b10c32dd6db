// SPDX-License-Identifier: Apache-2.0

import { type Lane, LANES } from "./wake_reason.ts";

/** Keys whose turn may begin, by lane; within a lane the one that waits longest is first. */
export interface KeyLanes {
  readonly size: number;
  /** Puts a key into a lane; it keeps its place if it is there already. */
  put(key: string, lane: Lane): void;
  has(key: string): boolean;
  leave(key: string): void;
  /** Takes the next key out. */
  next(): string | undefined;
}

/** After this many turns in a row that passed a waiting lane over, one is taken from it. */
const PATIENCE = 16;

/** Makes empty lanes. */
export function createKeyLanes(): KeyLanes {
  const lanes: Record<Lane, Set<string>> = {
    user: new Set(),
    world: new Set(),
    backlog: new Set(),
  };
  const laneOfKey = new Map<string, Lane>();
  let passedOver = 0;

  function leave(key: string): void {
    const lane = laneOfKey.get(key);
    if (lane === undefined) return;
    lanes[lane].delete(key);
    laneOfKey.delete(key);
  }

  function chooseLane(): Lane | undefined {
    const filled = LANES.filter((lane) => lanes[lane].size > 0);
    const isStrict = filled.length < 2 || passedOver < PATIENCE;
    passedOver = filled.length < 2 || !isStrict ? 0 : passedOver + 1;
    return isStrict ? filled[0] : filled.at(-1);
  }

  return {
    get size(): number {
      return laneOfKey.size;
    },
    put(key: string, lane: Lane): void {
      if (laneOfKey.get(key) === lane) return;
      leave(key);
      lanes[lane].add(key);
      laneOfKey.set(key, lane);
    },
    has: (key) => laneOfKey.has(key),
    leave,
    next(): string | undefined {
      const lane = chooseLane();
      const key = lane === undefined ? undefined : lanes[lane].values().next().value;
      if (key !== undefined) leave(key);
      return key;
    },
  };
}
